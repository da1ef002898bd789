"""Which runtime serves which implementation of the manifest."""

import importlib

from infergraph.errors import LoadError

RUNTIMES: dict[str, str] = {
    "CATBOOST_SERVER": "infergraph.runtimes.catboost:CatboostServer",
    "HUGGINGFACE_SERVER": "infergraph.runtimes.huggingface:HuggingfaceServer",
    "LIGHTGBM_SERVER": "infergraph.runtimes.lightgbm:LightgbmServer",
    "MLFLOW_SERVER": "infergraph.runtimes.mlflow:MlflowServer",
    "ONNX_SERVER": "infergraph.runtimes.onnx:OnnxServer",
    "SKLEARN_SERVER": "infergraph.runtimes.sklearn:SklearnServer",
    "TENSORFLOW_SERVER": "infergraph.runtimes.tensorflow:TensorflowServer",
    "TORCH_SERVER": "infergraph.runtimes.torch:TorchServer",
    "XGBOOST_SERVER": "infergraph.runtimes.xgboost:XgboostServer",
}
ELSEWHERE = ("TRITON_SERVER", "TEMPO_SERVER")
"""Those of upstream that are programs of somebody else."""


def runtime_class(implementation: str) -> type:
    """The class behind a prepackaged server; imported only now, because it may bring a heavy library.

    :raises LoadError: when there is none.
    """
    path = RUNTIMES.get(implementation)
    if path is None and implementation in ELSEWHERE:
        raise LoadError(
            f"there is no server {implementation} here, it runs by its own image: start that, and say where it is with "
            "--endpoint UNIT=host:port"
        )
    if path is None:
        raise LoadError(f"there is no server {implementation} here; there is {', '.join(sorted(RUNTIMES))}")
    module, _, name = path.partition(":")
    found: type = getattr(importlib.import_module(module), name)
    return found
