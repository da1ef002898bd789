"""Arrays of each datatype of the v2 protocol, for property tests."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from infergraph.payloads.datatypes import BF16, BYTES, DTYPES, bfloat16_bits, from_bfloat16_bits

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


def arrays_of(datatype: str, texts: Any) -> Any:
    """Arrays that are held as this datatype is; those of BYTES have elements of ``texts``."""
    if datatype == BYTES:
        return hnp.arrays(object, SHAPES, elements=texts)
    made = hnp.arrays(DTYPES[datatype], SHAPES)
    if datatype == BF16:
        return made.map(lambda array: from_bfloat16_bits(bfloat16_bits(array)))
    return made


def same(one: Any, other: Any) -> bool:
    """Whether two arrays are the same in type, shape and each value; NaN is NaN."""
    if (one.dtype, one.shape) != (other.dtype, other.shape):
        return False
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))


datatypes = st.sampled_from(sorted(DTYPES))
