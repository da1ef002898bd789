"""A TensorFlow SavedModel: version, signatures and operations, from its ``saved_model.pb``.

Field numbers are those of saved_model.proto, meta_graph.proto and graph.proto in TensorFlow.
"""

from collections.abc import Iterator
from pathlib import Path

from infergraph.runtimes.inspection.framework import need
from infergraph.runtimes.inspection.mapped_file import mapped
from infergraph.runtimes.inspection.protobuf_fields import Malformed, fields, last, text
from infergraph.runtimes.inspection.report import Danger, Field, Problem, Report, Severity

_DTYPES = {
    1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string", 8: "complex64", 9: "int64",
    10: "bool", 14: "bfloat16", 17: "uint16", 18: "complex128", 19: "float16", 22: "uint32", 23: "uint64",
}  # fmt: skip
_DANGEROUS = {
    "ReadFile": "it can read any file",
    "WriteFile": "it can write any file",
    "MatchingFiles": "it can list files",
    "PyFunc": "it calls Python code by its number",
    "PyFuncStateless": "it calls Python code by its number",
    "EagerPyFunc": "it calls Python code by its number",
    "LoadDataset": "it can read any file",
    "SaveDataset": "it can write any file",
    "SaveDatasetV2": "it can write any file",
    "RpcCall": "it can reach the network",
    "DebugIdentity": "it can reach the network",
}


def read_saved_model(file: Path) -> Report:
    """Return what ``file`` holds; TensorFlow need not be installed."""
    report = Report(path=str(file), format="a TensorFlow SavedModel", server="TENSORFLOW_SERVER")
    version = None
    try:
        graphs = [value for number, value in fields(mapped(file)) if number == 2 and isinstance(value, memoryview)]
        for graph in graphs:
            version = _read_graph(graph, report, file.name) or version
        if not graphs:
            report.problems.append(Problem(text=f"{file.name} is cut short or damaged: it holds no graph"))
    except Malformed as error:
        report.problems.append(Problem(text=f"{file.name} is cut short or damaged: copy it again ({error})"))
    need(report, "tensorflow", version, file.name)
    report.problems += _variables(file)
    return report


def _variables(file: Path) -> Iterator[Problem]:
    folder = file.parent / "variables"
    if folder.is_dir() and not (folder / "variables.index").is_file():
        yield Problem(text=f"{folder} has no variables.index: copy the whole folder again")


def _read_graph(graph: memoryview, report: Report, where: str) -> str | None:
    """Return the version of TensorFlow that made it."""
    version, operations = None, set()
    for number, value in fields(graph):
        if not isinstance(value, memoryview):
            continue
        if number == 1:  # meta_info_def
            made = last(value, 5)
            version = text(made) if made is not None else None
            operations |= set(_stripped_operations(value))
        elif number == 2:
            operations |= set(_operations(value))
        elif number == 5:
            _read_signature(value, report)
    report.dangers += [
        Danger(
            what=name,
            where=where,
            why=f"its graph has the operation {name}: {_DANGEROUS[name]} when it is asked, and no model needs that",
            severity=Severity.CODE,
        )
        for name in sorted(operations & _DANGEROUS.keys())
    ]
    return version


def _stripped_operations(info: memoryview) -> Iterator[str]:
    listed = last(info, 2)
    for number, value in fields(listed) if listed is not None else ():
        if number == 1 and isinstance(value, memoryview) and (name := last(value, 1)) is not None:
            yield text(name)


def _operations(graph: memoryview) -> Iterator[str]:
    """The operations of the graph's nodes, and of those of its functions."""
    for number, value in fields(graph):
        if not isinstance(value, memoryview):
            continue
        if number == 1:
            yield from _operation(value)
        elif number == 2:  # library: functions are field 1, their nodes field 3
            for place, function in fields(value):
                if place == 1 and isinstance(function, memoryview):
                    for inside, node in fields(function):
                        if inside == 3 and isinstance(node, memoryview):
                            yield from _operation(node)


def _operation(node: memoryview) -> Iterator[str]:
    if (name := last(node, 2)) is not None:
        yield text(name)


def _read_signature(entry: memoryview, report: Report) -> None:
    name, signature = last(entry, 1), last(entry, 2)
    if name is None or signature is None or text(name).startswith("__"):
        return
    report.details["signatures"] = ", ".join(filter(None, [report.details.get("signatures"), text(name)]))
    if report.inputs and text(name) != "serving_default":
        return
    tensors = [(number, value) for number, value in fields(signature) if isinstance(value, memoryview)]
    report.inputs = [_tensor(value) for number, value in tensors if number == 1]
    report.outputs = [_tensor(value) for number, value in tensors if number == 2]


def _tensor(entry: memoryview) -> Field:
    name, info = last(entry, 1), last(entry, 2)
    if info is None:
        return Field(name=text(name) if name is not None else "")
    parts = dict(fields(info))
    dtype, shape = parts.get(2), parts.get(3)
    return Field(
        name=text(name) if name is not None else "",
        dtype=_DTYPES.get(dtype) if isinstance(dtype, int) else None,
        shape=tuple(_sizes(shape)) if isinstance(shape, memoryview) else None,
    )


def _sizes(shape: memoryview) -> Iterator[int]:
    for number, value in fields(shape):
        if number == 2 and isinstance(value, memoryview):
            size = dict(fields(value)).get(1, 0)
            yield size if isinstance(size, int) and size < 1 << 62 else -1
