"""ONNX_SERVER: serve an ONNX model with ONNX Runtime."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from infergraph.artifacts.locate import find_model_file
from infergraph.errors import LoadError
from infergraph.runtimes.file_format import ONNX
from infergraph.runtimes.load_failure import not_loaded
from infergraph.runtimes.package import needed
from infergraph.runtimes.tensor import ANY, TEXTS, Tensor
from infergraph.runtimes.tensor_server import TensorModel, TensorServer
from infergraph.runtimes.tensor_signature import TensorSignature

SERVER = "ONNX_SERVER"
FILES = ("model.onnx",)

_DTYPES = {
    "float": "f4", "double": "f8", "float16": "f2", "bool": "?", "string": "O",
    **{f"{sign}int{bits}": f"{'u' if sign else 'i'}{bits // 8}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}  # fmt: skip
_MAPS = "seq(map("


class OnnxServer(TensorServer):
    """An ONNX model, ``model.onnx``; files that hold its weights lie beside it.

    Numbers are converted to the model's own types. What scikit-learn's converter makes of probabilities, a list of
    maps, is answered as an array of shape (rows, classes).
    """

    platform = "onnxruntime"

    def read(self, path: Path) -> TensorModel:
        """Load what lies at ``path``. :raises LoadError: when it does not load, whatever the reason."""
        file = find_model_file(path, FILES)
        runtime = needed("onnxruntime", server=SERVER, extra="onnx")
        session = _session(runtime, file)
        outputs = [one.name for one in session.get_outputs()]
        maps = {one.name for one in session.get_outputs() if one.type.startswith(_MAPS)}

        def call(inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
            answers = session.run(outputs, inputs)
            return {
                name: _of_maps(answer) if name in maps else answer
                for name, answer in zip(outputs, answers, strict=True)
            }

        state = runtime.capi.onnxruntime_pybind11_state
        return TensorModel(
            TensorSignature(_tensors(session.get_inputs()), _tensors(session.get_outputs())),
            call,
            (state.InvalidArgument,),
            file.parent,
            _custom(session.get_modelmeta()),
        )


def _session(runtime: Any, file: Path) -> Any:
    options = runtime.SessionOptions()
    # ONNX Runtime has threads of its own, which do not look at what the other libraries are told.
    options.intra_op_num_threads = _threads()
    options.log_severity_level = 3
    # The one for Azure calls a server; all others compute here, the fastest first.
    providers = [name for name in runtime.get_available_providers() if name != "AzureExecutionProvider"]
    try:
        return runtime.InferenceSession(str(file), options, providers=providers)
    except Exception as error:
        raise LoadError(not_loaded(file, (ONNX,), SERVER, error)) from error


def _threads() -> int:
    """As many as BLAS and OpenMP are told; 0 leaves it to ONNX Runtime."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    return int(told) if told.isdigit() else 0


def _tensors(nodes: list[Any]) -> tuple[Tensor, ...]:
    return tuple(_tensor(node) for node in nodes)


def _tensor(node: Any) -> Tensor:
    if node.type.startswith(_MAPS):
        return Tensor(node.name, np.dtype("f4"), (ANY, ANY))
    code = _DTYPES.get(node.type.removeprefix("tensor(").removesuffix(")"))
    dtype = None if code is None else TEXTS if code == "O" else np.dtype(code)
    return Tensor(node.name, dtype, tuple(size if isinstance(size, int) else ANY for size in node.shape))


def _of_maps(maps: list[dict[Any, float]]) -> np.ndarray:
    return np.array([list(row.values()) for row in maps], dtype=np.float32)


def _custom(meta: Any) -> dict[str, str]:
    known = {"producer": meta.producer_name, "description": meta.description, **meta.custom_metadata_map}
    return {name: str(value) for name, value in known.items() if value}
