"""TensorFlow's TensorProto as a protobuf message, without TensorFlow (tensorflow/core/framework/tensor.proto)."""

import math
from typing import Any

import numpy as np

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads.arrays import check_shape, check_sizes
from infergraph.payloads.datatypes import from_bfloat16_bits
from infergraph.payloads.payload import Array
from infergraph.payloads.protos import TensorProto
from infergraph.payloads.protos.wire import UNCUT, Contents, Piece, field
from infergraph.payloads.tftensor import NAMES, PATH, TYPES, view_of

MAX_REPEATED = 2**20  # how often one value may stand for all: a few bytes must not fill the memory
CONTENT = TensorProto.DESCRIPTOR.fields_by_name["tensor_content"].number

_DTYPES = TensorProto.DESCRIPTOR.fields_by_name["dtype"].enum_type
_HALF, _BFLOAT16, _STRING = "DT_HALF", "DT_BFLOAT16", "DT_STRING"
# In protobuf's spelling: float_val for floatVal. Of 16-bit floats the values are bit patterns.
_FIELDS = {name: field.removesuffix("Val") + "_val" for name, (_, field) in TYPES.items()}
_BITS = {_HALF: np.dtype("<u2"), _BFLOAT16: np.dtype("<u2")}
_KNOWN = (*TYPES, _HALF, _BFLOAT16, _STRING)


def decode(tensor: Any, contents: Contents = UNCUT, path: str = PATH) -> Array:
    """The array of a TensorProto, of objects (bytes) for DT_STRING and of float32 for DT_BFLOAT16.

    Packed content becomes a read-only view on it.

    :raises BadMessage: when there is no such type here, or shape and values do not fit.
    """
    known = _DTYPES.values_by_number.get(tensor.dtype)
    name = known.name if known else str(tensor.dtype)
    if name not in _KNOWN:
        raise BadMessage(f"Expected one of {', '.join(_KNOWN)}, got {name} - at `{path}.dtype`")
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    check_sizes(shape, path)
    content = contents.of(tensor.tensor_content)
    if name == _STRING:
        return _strings(tensor, content, shape, path)
    dtype = _BITS.get(name) or np.dtype(TYPES[name][0])
    if len(content):
        array = view_of(content, dtype.newbyteorder("<"), shape, path)
    else:
        array = _from_values(getattr(tensor, _FIELDS.get(name, "half_val")), dtype, shape, path)
    if name == _HALF:
        return array.view("<f2")
    return from_bfloat16_bits(array) if name == _BFLOAT16 else array


def encode(array: Array) -> list[Piece]:
    """The pieces of the TensorProto of an array, its values packed and not copied; texts and bytes are DT_STRING.

    :raises BadAnswer: when a value is of none of TensorFlow's types.
    """
    if array.dtype.kind in "OUS":
        return [_with_strings(array).SerializeToString()]
    name = _HALF if array.dtype.name == "float16" else NAMES.get(array.dtype.name)
    if name is None:  # wider than 64 bits
        array, name = array.astype(np.float64), "DT_DOUBLE"
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return [_head(name, array.shape).SerializeToString(), *field(CONTENT, [little.data])]


def _head(name: str, shape: tuple[int, ...]) -> Any:
    tensor = TensorProto(dtype=_DTYPES.values_by_name[name].number)
    tensor.tensor_shape.SetInParent()
    for size in shape:
        tensor.tensor_shape.dim.add(size=size)
    return tensor


def _with_strings(array: Array) -> Any:
    tensor = _head(_STRING, array.shape)
    values = array.ravel().tolist()
    try:
        tensor.string_val.extend([value.encode() if isinstance(value, str) else value for value in values])
    except (TypeError, UnicodeEncodeError) as error:
        raise BadAnswer(f"A tensor of objects holds texts and bytes only: {error}") from error
    return tensor


def _strings(tensor: Any, content: Piece, shape: list[int], path: str) -> Array:
    if len(content):
        raise BadMessage(f"Texts of DT_STRING stand in string_val, got tensor_content - at `{path}`")
    values = list(tensor.string_val)
    count = math.prod(shape)
    if len(values) == 1 < count <= MAX_REPEATED:
        values = values * count
    check_shape(shape, len(values), path)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array.reshape(shape)


def _from_values(values: Any, dtype: np.dtype[Any], shape: list[int], path: str) -> Array:
    count = math.prod(shape)
    array = np.array(values, dtype=np.int64 if dtype.kind == "i" or dtype.itemsize < 4 else dtype)
    if len(array) == 1 < count <= MAX_REPEATED:  # TensorProto: one value stands for all
        array = np.repeat(array, count)
    check_shape(shape, len(array), path)
    if array.dtype != dtype and dtype.kind in "iu" and len(array):
        _check_range(array, dtype, path)
    return array.astype(dtype, copy=False).reshape(shape)


def _check_range(array: Array, dtype: np.dtype[Any], path: str) -> None:
    limits = np.iinfo(dtype)
    if array.min() < limits.min or array.max() > limits.max:
        raise BadMessage(f"A value does not fit into {dtype.name} - at `{path}`")
