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


def runtime_class(implementation: str) -> type:
    """The class behind a prepackaged server; imported only now, because it may bring a heavy library.

    :raises LoadError: when there is none.
    """
    path = RUNTIMES.get(implementation)
    if path is None:
        raise LoadError(f"there is no server {implementation} here; there is {', '.join(sorted(RUNTIMES))}")
    module, _, name = path.partition(":")
    found: type = getattr(importlib.import_module(module), name)
    return found
