"""Prepackaged servers: which image runs which implementation."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct, field

from infergraph import __version__


class ServerImage(Struct, frozen=True, rename="camel", omit_defaults=True):
    """An image and its tag, kept apart as in the configuration of Seldon Core."""

    image: str
    default_image_version: str = ""

    @property
    def reference(self) -> str:
        """``image:version``, or the image alone when there is no version."""
        return f"{self.image}:{self.default_image_version}" if self.default_image_version else self.image


class PrepackagedServer(Struct, frozen=True, rename="camel", omit_defaults=True):
    """The images of one implementation, by protocol."""

    protocols: Mapping[str, ServerImage] = field(default_factory=dict)

    def image(self, protocol: str) -> str:
        """The image for a protocol, or an empty text. No protocol is ``seldon``; ``v2`` and ``kfserving`` are one."""
        other = {"v2": "kfserving", "kfserving": "v2"}.get(protocol, "seldon")
        found = self.protocols.get(protocol) or (
            self.protocols.get(other) if protocol in {"", "v2", "kfserving"} else None
        )
        return found.reference if found else ""


def _server(**images: str) -> PrepackagedServer:
    split = {protocol: image.rpartition(":") for protocol, image in images.items()}
    return PrepackagedServer({protocol: ServerImage(name, tag) for protocol, (name, _, tag) in split.items()})


def _own() -> PrepackagedServer:
    """One that Seldon Core does not have: our own image, for every protocol."""
    image = f"infergraph:{__version__}"
    return _server(seldon=image, v2=image, tensorflow=image)


DEFAULT_SERVERS: Final[Mapping[str, PrepackagedServer]] = MappingProxyType(
    {
        "SKLEARN_SERVER": _server(seldon="seldonio/sklearnserver:1.16.0", v2="seldonio/mlserver:1.3.0-sklearn"),
        "XGBOOST_SERVER": _server(seldon="seldonio/xgboostserver:1.16.0", v2="seldonio/mlserver:1.3.0-xgboost"),
        "MLFLOW_SERVER": _server(seldon="seldonio/mlflowserver:1.16.0", v2="seldonio/mlserver:1.3.0-mlflow"),
        "TENSORFLOW_SERVER": _server(seldon="seldonio/tfserving-proxy:1.16.0", tensorflow="tensorflow/serving:2.1.0"),
        "TRITON_SERVER": _server(v2="nvcr.io/nvidia/tritonserver:21.08-py3"),
        "HUGGINGFACE_SERVER": _server(v2="seldonio/mlserver:1.3.0-huggingface"),
        "TEMPO_SERVER": _server(v2="seldonio/mlserver:1.3.0-slim"),
        "CATBOOST_SERVER": _own(),
        "LIGHTGBM_SERVER": _own(),
        "ONNX_SERVER": _own(),
        "TORCH_SERVER": _own(),
    }
)
"""Those that need no configuration: the seven of SELDON_V1 §5.1, and ours. A mapping with more keys adds others."""
