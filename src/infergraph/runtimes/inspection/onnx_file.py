"""An ONNX model: opset, producer, inputs and outputs, and the files beside it that it names.

Field numbers are those of onnx.proto (ModelProto, GraphProto, ValueInfoProto, TypeProto, TensorProto).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from infergraph.runtimes.inspection.framework import need
from infergraph.runtimes.inspection.installed import installed_version
from infergraph.runtimes.inspection.mapped_file import mapped
from infergraph.runtimes.inspection.protobuf_fields import Malformed, fields, last, text
from infergraph.runtimes.inspection.report import Danger, Field, Problem, Report, Severity, Verdict, pip_install
from infergraph.runtimes.inspection.requirement import release

_TYPES = (
    "undefined", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16",
    "float64", "uint32", "uint64", "complex64", "complex128", "bfloat16",
)  # fmt: skip
# The newest opset of ai.onnx that each ONNX Runtime knows (its docs/Versioning.md); of later ones nothing is said.
_OPSETS: dict[tuple[int, ...], int] = {
    (1, 12): 17,
    (1, 13): 17,
    (1, 14): 18,
    (1, 15): 19,
    (1, 16): 19,
    (1, 17): 20,
    (1, 18): 21,
    (1, 19): 21,
}
_KNOWN_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "com.microsoft", "ai.onnx.preview.training")


@dataclass
class _Model:
    """What a model says of itself."""

    producer: str = ""
    producer_version: str = ""
    opsets: dict[str, int] = field(default_factory=dict)
    inputs: list[Field] = field(default_factory=list)
    outputs: list[Field] = field(default_factory=list)
    weights: set[str] = field(default_factory=set)
    beside: list[str] = field(default_factory=list)


def read_onnx(file: Path) -> Report:
    """Return what ``file`` holds; onnx need not be installed."""
    report = Report(path=str(file), format="an ONNX model", server="ONNX_SERVER")
    model = _Model()
    try:
        _read(mapped(file), model)
    except Malformed as error:
        report.problems.append(Problem(text=f"{file.name} is cut short or damaged: copy it again ({error})"))
    report.inputs = [one for one in model.inputs if one.name not in model.weights]
    report.outputs = model.outputs
    report.details = _details(model)
    need(report, "onnxruntime", None, file.name)
    report.problems += [*_too_new(model, file.name), *_foreign(model, file.name), *_not_there(model, file)]
    report.dangers += _outside(model, file.name)
    return report


def _read(view: memoryview, model: _Model) -> None:
    has_graph = False
    for number, value in fields(view):
        if number == 2:
            model.producer = text(value)
        elif number == 3:
            model.producer_version = text(value)
        elif number == 7 and isinstance(value, memoryview):
            has_graph = True
            _read_graph(value, model)
        elif number == 8 and isinstance(value, memoryview):
            parts = dict(fields(value))
            version = parts.get(2, 1)
            model.opsets[text(parts[1]) if 1 in parts else ""] = version if isinstance(version, int) else 1
    if not has_graph:
        raise Malformed("it has no graph")


def _read_graph(graph: memoryview, model: _Model) -> None:
    for number, value in fields(graph):
        if not isinstance(value, memoryview):
            continue
        if number == 5:
            _read_tensor(value, model)
        elif number == 11:
            model.inputs.append(_value(value))
        elif number == 12:
            model.outputs.append(_value(value))


def _read_tensor(tensor: memoryview, model: _Model) -> None:
    for number, value in fields(tensor):
        if number == 8:
            model.weights.add(text(value))
        elif number == 13 and isinstance(value, memoryview):  # external_data: pairs of key and value
            pair = dict(fields(value))
            if 1 in pair and 2 in pair and text(pair[1]) == "location":
                model.beside.append(text(pair[2]))


def _value(info: memoryview) -> Field:
    parts = dict(fields(info))
    name = text(parts[1]) if 1 in parts else ""
    kind = parts.get(2)
    tensor = last(kind, 1) if isinstance(kind, memoryview) else None
    if tensor is None:
        return Field(name=name)
    inside = dict(fields(tensor))
    number, shape = inside.get(1), inside.get(2)
    dtype = _TYPES[number] if isinstance(number, int) and number < len(_TYPES) else None
    return Field(name=name, dtype=dtype, shape=tuple(_sizes(shape)) if isinstance(shape, memoryview) else None)


def _sizes(shape: memoryview) -> Iterator[int]:
    for number, value in fields(shape):
        if number == 1 and isinstance(value, memoryview):
            size = dict(fields(value)).get(1)
            yield size if isinstance(size, int) and size < 1 << 62 else -1


def _details(model: _Model) -> dict[str, str]:
    producer = " ".join(filter(None, [model.producer, model.producer_version]))
    opsets = ", ".join(f"{domain or 'ai.onnx'} {version}" for domain, version in model.opsets.items())
    return {**({"producer": producer} if producer else {}), **({"opset": opsets} if opsets else {})}


def _too_new(model: _Model, where: str) -> Iterator[Problem]:
    installed = installed_version("onnxruntime")
    opset = max(model.opsets.get("", 0), model.opsets.get("ai.onnx", 0))
    known = _OPSETS.get(release(installed)[:2], opset) if installed else opset
    if opset > known:
        newer = next((version for version, newest in _OPSETS.items() if newest >= opset), (1, 20))
        install = (f"onnxruntime>={newer[0]}.{newer[1]}",)
        text_ = f"{where} has opset {opset}, and onnxruntime {installed} knows {known}: {pip_install(install)}"
        yield Problem(text=text_, install=install)


def _foreign(model: _Model, where: str) -> Iterator[Problem]:
    for domain in model.opsets:
        if domain not in _KNOWN_DOMAINS:
            yield Problem(
                text=f"{where} has operators of {domain}, which come with a library of their own: onnxruntime loads "
                "them only where that is registered",
                verdict=Verdict.MAY_FAIL,
            )


def _is_outside(location: str) -> bool:
    path = PurePosixPath(location)
    return path.is_absolute() or ".." in path.parts


def _outside(model: _Model, where: str) -> list[Danger]:
    why = "it would read {0!r}, a file outside the model's folder, and no model needs that"
    return [
        Danger(what=location, where=where, why=why.format(location), severity=Severity.CODE)
        for location in dict.fromkeys(model.beside)
        if _is_outside(location)
    ]


def _not_there(model: _Model, file: Path) -> Iterator[Problem]:
    for location in dict.fromkeys(model.beside):
        if not _is_outside(location) and not (file.parent / location).is_file():
            yield Problem(text=f"{file.name} keeps weights in {location}, which is not beside it: copy that too")
