"""A unit that is to run as a microservice of its own, as the operator would start it on a cluster."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from infergraph.declaration import Parameter
from infergraph.declaration.parameter import ParameterType
from infergraph.servers.limits import Limits

REQUIREMENTS = "requirements.txt"
HOST = "127.0.0.1"
WRITTEN_ANEW = 8
"""How many times as large a body may be in the seldon protocol as it came: a byte of a tensor is five of its text."""
HEADERS_OF_CALL = 16
HEADER_BYTES_OF_CALL = 8192


class IsolatedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """``python_class`` is ``module:Class``, found in ``folder``; its packages are those of ``requirements``, if any,
    which are for a ``python`` where that is not ours, such as 3.11.

    ``parameters``, ``image``, ``labels`` (of its predictor), ``env`` (of its container) and ``limits`` (of its
    deployment) are as declared. ``model_uri`` is the one whose files it gets: as a parameter where ``is_server``, and
    else as a variable; ``sha256`` is what they must be, ``base`` the folder that a relative one starts from.
    """

    namespace: str
    deployment: str
    predictor: str
    name: str
    python_class: str
    folder: Path
    base: Path
    requirements: Path | None = None
    python: str | None = None
    parameters: tuple[Parameter, ...] = ()
    image: str = ""
    labels: Mapping[str, str] = {}
    env: Mapping[str, str] = {}
    limits: Limits = msgspec.field(default_factory=Limits)
    model_uri: str = ""
    sha256: str | None = None
    is_server: bool = False

    @property
    def fields(self) -> dict[str, str]:
        """What events of the log say of it."""
        return {"deployment": self.deployment, "predictor": self.predictor, "unit": self.name}

    def arguments(self, port: int) -> list[str]:
        """Those of `infergraph`."""
        limits = [f"--{name.replace('_', '-')}={value}" for name, value in self._limits().items()]
        flags = ["--host", HOST, "--http-port", str(port), "--grpc-workers", "0", "--grpc-server", "aio"]
        flags += ["--metrics-port", "0", "--ends-with-stdin", *limits]
        return ["microservice", self.python_class, *flags]

    def variables(self, port: int, model_path: Path | None) -> dict[str, str]:
        """What the v1 operator gives a component's container (SELDON_V1 §2.3), and what the manifest gives it."""
        parameters = list(self.parameters)
        model = {} if model_path is None else {"MLSERVER_MODEL_URI": str(model_path)}
        if self.is_server and model_path is not None:
            parameters.append(Parameter(name="model_uri", value=str(model_path), type=ParameterType.STRING))
        given = {"PREDICTIVE_UNIT_PARAMETERS": msgspec.json.encode(parameters).decode()} if parameters else {}
        return {
            **model,
            **given,
            **self.env,
            "PREDICTIVE_UNIT_SERVICE_PORT": str(port),
            "PREDICTIVE_UNIT_HTTP_SERVICE_PORT": str(port),
            "PREDICTIVE_UNIT_ID": self.name,
            "PREDICTIVE_UNIT_IMAGE": self.image,
            "PREDICTOR_ID": self.predictor,
            "PREDICTOR_LABELS": msgspec.json.encode(self.labels).decode(),
            "SELDON_DEPLOYMENT_ID": self.deployment,
        }

    def _limits(self) -> dict[str, int | float]:
        """Those of the engine, which has looked already: what it lets pass must pass here, in the form of a call."""
        limits = msgspec.structs.asdict(self.limits)
        return {
            **limits,
            "body_bytes": self.limits.body_bytes * WRITTEN_ANEW,
            "header_bytes": self.limits.header_bytes + HEADER_BYTES_OF_CALL,
            "header_count": self.limits.header_count + HEADERS_OF_CALL,
        }
