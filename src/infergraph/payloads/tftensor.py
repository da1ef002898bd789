"""TensorFlow's TensorProto in its JSON form, without TensorFlow (tensorflow/core/framework/tensor.proto)."""

import base64
import binascii
import math
from typing import Any

import numpy as np

from infergraph.errors import BadMessage
from infergraph.payloads.arrays import NONFINITE, check_shape, check_sizes
from infergraph.payloads.payload import Array, JsonObject

PATH = "$.data.tftensor"

# DataType name → numpy type, and the field that holds its values when they are not packed into tensorContent.
TYPES: dict[str, tuple[str, str]] = {
    "DT_FLOAT": ("float32", "floatVal"),
    "DT_DOUBLE": ("float64", "doubleVal"),
    "DT_INT8": ("int8", "intVal"),
    "DT_INT16": ("int16", "intVal"),
    "DT_INT32": ("int32", "intVal"),
    "DT_INT64": ("int64", "int64Val"),
    "DT_UINT8": ("uint8", "intVal"),
    "DT_UINT16": ("uint16", "intVal"),
    "DT_UINT32": ("uint32", "uint32Val"),
    "DT_UINT64": ("uint64", "uint64Val"),
    "DT_BOOL": ("bool", "boolVal"),
}
NAMES = {numpy_type: name for name, (numpy_type, _) in TYPES.items()}
_QUOTED = frozenset({"int64Val", "uint64Val"})  # proto3 JSON writes 64-bit integers as strings


def decode(tensor: JsonObject) -> Array:
    """The array of a TensorProto. Packed content becomes a read-only view on the decoded bytes.

    :raises BadMessage: when the type is not one of numbers and booleans, or shape and values do not fit.
    """
    name = tensor.get("dtype")
    if not isinstance(name, str) or name not in TYPES:
        raise BadMessage(f"Expected one of {', '.join(TYPES)}, got {name!r:.60} - at `{PATH}.dtype`")
    numpy_type, field = TYPES[name]
    shape = _shape(tensor.get("tensorShape", {}))
    if content := tensor.get("tensorContent"):
        return _from_content(content, np.dtype(numpy_type).newbyteorder("<"), shape)
    return _from_values(tensor.get(field, []), np.dtype(numpy_type), shape, f"{PATH}.{field}")


def encode(array: Array) -> JsonObject:
    """The TensorProto of an array of numbers, or of texts and bytes."""
    if array.dtype.kind in "OSU":
        return _of_strings(array)
    name = NAMES.get(array.dtype.name)
    if name is None:  # float16 and wider than 64 bits have no plain field
        array, name = array.astype(np.float64), "DT_DOUBLE"
    field = TYPES[name][1]
    values = array.ravel().tolist()
    return {
        "dtype": name,
        field: list(map(str, values)) if field in _QUOTED else values,
        "tensorShape": _dimensions(array),
    }


def _of_strings(array: Array) -> JsonObject:
    values = [value.encode() if isinstance(value, str) else value for value in array.ravel().tolist()]
    texts = [base64.b64encode(value).decode() for value in values]
    return {"dtype": "DT_STRING", "stringVal": texts, "tensorShape": _dimensions(array)}


def _dimensions(array: Array) -> JsonObject:
    return {"dim": [{"size": str(size)} for size in array.shape]}


def view_of(content: bytes | memoryview, dtype: np.dtype[Any], shape: list[int], path: str = PATH) -> Array:
    """The array that packed content is, read-only and without a copy.

    :raises BadMessage: when shape and content do not fit.
    """
    if len(content) % dtype.itemsize:
        raise BadMessage(f"{len(content)} bytes are no whole number of {dtype.name} - at `{path}.tensorContent`")
    check_shape(shape, len(content) // dtype.itemsize, path)
    return np.frombuffer(content, dtype=dtype).reshape(shape)


def _shape(tensor_shape: Any) -> list[int]:
    try:
        shape = [_parse(dim.get("size", 0), "i") for dim in tensor_shape.get("dim", [])]
    except (AttributeError, TypeError, ValueError, OverflowError):
        raise BadMessage(f'Expected {{"dim":[{{"size":"1"}}]}}, got something else - at `{PATH}.tensorShape`') from None
    check_sizes(shape, PATH)
    return shape


def _from_content(content: Any, dtype: np.dtype[Any], shape: list[int]) -> Array:
    try:
        data = base64.b64decode(content, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise BadMessage(f"Expected base64, got something else ({error}) - at `{PATH}.tensorContent`") from None
    return view_of(data, dtype, shape)


def _from_values(values: Any, dtype: np.dtype[Any], shape: list[int], path: str) -> Array:
    if type(values) is not list:
        raise BadMessage(f"Expected `array` - at `{path}`")
    count = math.prod(shape)
    if len(values) == 1 < count <= 2**20:  # TensorProto: one value stands for all
        values = values * count
    check_shape(shape, len(values), PATH)
    parsed = [_scalar(value, dtype, f"{path}[{index}]") for index, value in enumerate(values)]
    try:
        with np.errstate(over="raise"):
            return np.array(parsed, dtype=dtype).reshape(shape)
    except (OverflowError, FloatingPointError) as error:
        raise BadMessage(f"A value does not fit into {dtype.name} ({error}) - at `{path}`") from None


def _scalar(value: Any, dtype: np.dtype[Any], path: str) -> Any:
    try:
        return _parse(value, dtype.kind)
    except (TypeError, ValueError, KeyError, OverflowError):
        raise BadMessage(f"Expected a value of {dtype.name}, got {value!r:.60} - at `{path}`") from None


def _parse(value: Any, kind: str) -> Any:
    if kind == "b":
        return {True: True, False: False}[value] if type(value) is bool else _refuse(value)
    if type(value) is bool:
        return _refuse(value)
    if kind == "f":
        return NONFINITE[value] if isinstance(value, str) else float(value)
    number = int(value)
    return number if isinstance(value, str) or number == value else _refuse(value)


def _refuse(value: Any) -> Any:
    raise ValueError(value)
