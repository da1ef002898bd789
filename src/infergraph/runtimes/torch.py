"""TORCH_SERVER: serve a TorchScript model, or a program of torch.export."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from infergraph.artifacts.locate import find_model_file
from infergraph.errors import BadMessage, LoadError
from infergraph.payloads.datatypes import DTYPES
from infergraph.runtimes.file_format import TORCH_EXPORT, TORCHSCRIPT, format_of
from infergraph.runtimes.load_failure import not_loaded, wrong_format
from infergraph.runtimes.package import needed
from infergraph.runtimes.tensor import ANY, Tensor
from infergraph.runtimes.tensor_server import TensorModel, TensorServer
from infergraph.runtimes.tensor_signature import TensorSignature

SERVER = "TORCH_SERVER"
_FORMATS = (TORCH_EXPORT, TORCHSCRIPT)


class TorchServer(TensorServer):
    """A PyTorch model on the CPU: ``model.pt2`` of ``torch.export.save``, or ``model.pt`` of ``torch.jit.save``.

    An exported program knows the types and shapes of its inputs. TorchScript does not: numbers become those of the
    model's own weights, unless ``dtype`` names the datatype of the input, or of each input with commas between them.
    Outputs are called by their names in a dict, else ``output``, or ``output_0``, ``output_1``, … of a tuple.
    """

    platform = "torch"
    files = ("model.pt2", "model.pt", "model.pth")

    def __init__(
        self,
        model_uri: str,
        model_output: str | None = None,
        dtype: str | None = None,
        *,
        rows_are_independent: bool | None = None,
    ) -> None:
        super().__init__(model_uri, model_output, rows_are_independent=rows_are_independent)
        self.dtypes = None if dtype is None else [_dtype(name.strip()) for name in dtype.split(",")]

    def read(self, path: Path) -> TensorModel:
        """Load what lies at ``path``. :raises LoadError: when it does not load, whatever the reason."""
        file = find_model_file(path, self.files)
        torch = needed("torch", server=SERVER, extra="torch")
        if wrong := wrong_format(file, _FORMATS, SERVER):
            raise LoadError(wrong)
        try:
            is_exported = format_of(file) is TORCH_EXPORT
            signature, function = _exported(torch, file) if is_exported else _scripted(torch, file)
        except LoadError:
            raise
        except Exception as error:
            raise LoadError(not_loaded(file, _FORMATS, SERVER, error)) from error
        signature = TensorSignature(_with_types(signature.inputs, self.dtypes), signature.outputs)
        return TensorModel(signature, _call(torch, function, signature), (), file.parent, {})


def _dtype(name: str) -> np.dtype[Any]:
    if name not in DTYPES:
        raise LoadError(f"the parameter dtype names {name!r}, and a datatype is one of {', '.join(DTYPES)}")
    return DTYPES[name]


def _with_types(inputs: tuple[Tensor, ...], dtypes: Sequence[np.dtype[Any]] | None) -> tuple[Tensor, ...]:
    if dtypes is None:
        return inputs
    if len(dtypes) not in (1, len(inputs)):
        raise LoadError(f"the parameter dtype names {len(dtypes)} datatypes, and the model has {len(inputs)} inputs")
    types = list(dtypes) * len(inputs) if len(dtypes) == 1 else list(dtypes)
    return tuple(Tensor(one.name, dtype, one.shape) for one, dtype in zip(inputs, types, strict=False))


def _scripted(torch: Any, file: Path) -> tuple[TensorSignature, Callable[[list[Any]], Any]]:
    module = torch.jit.load(str(file), map_location="cpu").eval()
    weights = (one.dtype for one in module.parameters() if one.is_floating_point())
    dtype = _numpy_dtype(next(weights, None))
    names = [argument.name for argument in module.forward.schema.arguments[1:]]
    return TensorSignature(tuple(Tensor(name, dtype) for name in names)), lambda given: module(*given)


def _exported(torch: Any, file: Path) -> tuple[TensorSignature, Callable[[list[Any]], Any]]:
    program = torch.export.load(io.BytesIO(file.read_bytes()))
    known = {node.name: node.meta.get("val") for node in program.graph.nodes}
    inputs = tuple(_tensor(name, known.get(name)) for name in program.graph_signature.user_inputs)
    answered = [_tensor(name, known.get(name)) for name in program.graph_signature.user_outputs]
    spec = program.module_call_graph[0].signature
    names = _output_names(spec.out_spec, len(answered))
    outputs = [Tensor(name, one.dtype, one.shape) for name, one in zip(names, answered, strict=False)]
    module, tree = program.module(), torch.utils._pytree  # noqa: SLF001 - how a program says what it is called with

    def function(given: list[Any]) -> Any:
        positional, by_name = tree.tree_unflatten(given, spec.in_spec)
        return module(*positional, **by_name)

    return TensorSignature(inputs, tuple(outputs)), function


def _tensor(name: str, value: Any) -> Tensor:
    """Return what is known of a tensor from the one that a program was traced with."""
    if getattr(value, "shape", None) is None:
        return Tensor(name)
    # A size that may change is a symbol, and no number.
    return Tensor(name, _numpy_dtype(value.dtype), tuple(size if type(size) is int else ANY for size in value.shape))


def _numpy_dtype(dtype: Any) -> np.dtype[Any] | None:
    name = str(dtype).removeprefix("torch.")
    if name == "bfloat16":
        return np.dtype("f4")
    return np.dtype(name) if name in np.sctypeDict else None


def _output_names(spec: Any, count: int) -> list[str]:
    """Return the names that `_named` gives to answers of this form; none for one with answers inside answers."""
    if spec.is_leaf():
        return ["output"]
    if spec.num_children != count:
        return []
    return list(spec.context) if spec.type is dict else _numbered(count)


def _numbered(count: int) -> list[str]:
    return ["output"] if count == 1 else [f"output_{index}" for index in range(count)]


def _named(answer: Any) -> dict[str, Any]:
    if isinstance(answer, Mapping):
        return dict(answer)
    several = list(answer) if isinstance(answer, tuple | list) else [answer]
    return dict(zip(_numbered(len(several)), several, strict=True))


def _call(
    torch: Any, function: Callable[[list[Any]], Any], signature: TensorSignature
) -> Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]:
    names = [one.name for one in signature.inputs]

    def call(inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        # torch shares the memory of an array, and warns of one that cannot be written to.
        arrays = [inputs[name] if inputs[name].flags.writeable else inputs[name].copy() for name in names]
        try:
            with torch.inference_mode():
                answer = function([torch.from_numpy(array) for array in arrays])
        except (RuntimeError, IndexError, AssertionError, TypeError) as error:
            raise BadMessage(f"the model cannot take this input: {_reason(error)}") from error
        return {name: _array(torch, tensor) for name, tensor in _named(answer).items()}

    return call


def _array(torch: Any, tensor: Any) -> np.ndarray:
    if not isinstance(tensor, torch.Tensor):
        return np.asarray(tensor)
    found: np.ndarray = (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy(force=True)
    return found


def _reason(error: Exception) -> str:
    """The last line says what is wrong; TorchScript tells where in its code before it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1].removeprefix("RuntimeError: ") if lines else type(error).__name__)[:300]
