"""Named columns as one table."""

from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadMessage
from infergraph.payloads import Encoding, Meta, Payload
from infergraph.payloads.table import table_of

META = Meta(puid="p")


def table(**columns: Any) -> Payload:
    return table_of(Payload(columns, Encoding.TENSORS, [], META))


def test_columns_of_one_type() -> None:
    made = table(a=np.array([1.0, 2.0]), b=np.array([[3.0], [4.0]]))
    assert (made.encoding, made.names, made.meta) == (Encoding.V2, ["a", "b"], META)
    assert (made.data.dtype, made.data.tolist()) == (np.float64, [[1.0, 3.0], [2.0, 4.0]])


def test_columns_of_different_types_keep_their_values() -> None:
    made = table(n=np.array([1, 2]), f=np.array([0.5, 1.5]), t=np.array([b"\xc3\xa9", "b"], object))
    assert (made.encoding, made.data.tolist()) == (Encoding.V2, [[1, 0.5, "é"], [2, 1.5, "b"]])


def test_bytes_that_are_no_text_stay() -> None:
    assert table_of(Payload(np.array([b"\xff", b"a"], object), Encoding.NDARRAY)).data.tolist() == [b"\xff", "a"]


@pytest.mark.parametrize("data", [np.array([[1.0]]), np.array([["a"]], object), "text"])
def test_what_is_one_table_already_stays(data: Any) -> None:
    payload = Payload(data, Encoding.TEXT if data == "text" else Encoding.NDARRAY)
    assert table_of(payload).data is data


def test_what_is_no_table() -> None:
    with pytest.raises(BadMessage, match="different numbers of rows: a 1, b 2"):
        table(a=np.zeros(1), b=np.zeros(2))
    with pytest.raises(BadMessage, match=r"Input 'b' has the shape \[2, 3\]"):
        table(a=np.zeros(2), b=np.zeros((2, 3)))
