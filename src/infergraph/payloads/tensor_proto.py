"""TensorFlow's TensorProto as a protobuf message, without TensorFlow (tensorflow/core/framework/tensor.proto)."""

import math
from typing import Any

import numpy as np

from infergraph.errors import BadMessage
from infergraph.payloads.arrays import check_shape, check_sizes
from infergraph.payloads.payload import Array
from infergraph.payloads.protos import TensorProto
from infergraph.payloads.tftensor import NAMES, PATH, TYPES, view_of

MAX_REPEATED = 2**20  # how often one value may stand for all: a few bytes must not fill the memory

_DTYPES = TensorProto.DESCRIPTOR.fields_by_name["dtype"].enum_type
# In protobuf's spelling: float_val for floatVal.
_FIELDS = {name: field.removesuffix("Val") + "_val" for name, (_, field) in TYPES.items()}


def decode(tensor: Any) -> Array:
    """The array of a TensorProto. Packed content becomes a read-only view on it.

    :raises BadMessage: when the type is not one of numbers and booleans, or shape and values do not fit.
    """
    known = _DTYPES.values_by_number.get(tensor.dtype)
    name = known.name if known else str(tensor.dtype)
    if name not in TYPES:
        raise BadMessage(f"Expected one of {', '.join(TYPES)}, got {name} - at `{PATH}.dtype`")
    dtype = np.dtype(TYPES[name][0])
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    check_sizes(shape, PATH)
    if content := tensor.tensor_content:
        return view_of(content, dtype.newbyteorder("<"), shape)
    return _from_values(getattr(tensor, _FIELDS[name]), dtype, shape)


def encode(array: Array, tensor: Any) -> None:
    """Write a numeric array into a TensorProto, packed."""
    name = NAMES.get(array.dtype.name)
    if name is None:  # float16 and wider than 64 bits
        array, name = array.astype(np.float64), "DT_DOUBLE"
    tensor.dtype = _DTYPES.values_by_name[name].number
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    tensor.tensor_content = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def _from_values(values: Any, dtype: np.dtype[Any], shape: list[int]) -> Array:
    count = math.prod(shape)
    array = np.array(values, dtype=np.int64 if dtype.kind == "i" or dtype.itemsize < 4 else dtype)
    if len(array) == 1 < count <= MAX_REPEATED:  # TensorProto: one value stands for all
        array = np.repeat(array, count)
    check_shape(shape, len(array), PATH)
    if array.dtype != dtype and dtype.kind in "iu" and len(array):
        _check_range(array, dtype)
    return array.astype(dtype, copy=False).reshape(shape)


def _check_range(array: Array, dtype: np.dtype[Any]) -> None:
    limits = np.iinfo(dtype)
    if array.min() < limits.min or array.max() > limits.max:
        raise BadMessage(f"A value does not fit into {dtype.name} - at `{PATH}`")
