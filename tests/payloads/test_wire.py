"""Large bytes fields cut out of messages: protobuf's own parse says what is right."""

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from infergraph.errors import BadMessage
from infergraph.payloads import seldon_proto, tensorflow_proto, v2_proto_request
from infergraph.payloads.proto_message import parse_cut
from infergraph.payloads.protos import ModelInferRequest, PredictRequest, SeldonMessage
from infergraph.payloads.protos.wire import MAX_FIELDS, UNCUT, WORTH_BYTES, Contents, Paths, cut, field, varint


def restored_request(message: Any, contents: Contents) -> None:
    message.raw_input_contents[:] = [bytes(contents.of(one)) for one in message.raw_input_contents]


def restored_message(message: Any, contents: Contents) -> None:
    if message.HasField("binData"):
        message.binData = bytes(contents.of(message.binData))
    elif message.HasField("data") and message.data.HasField("tftensor"):
        tensor = message.data.tftensor
        tensor.tensor_content = bytes(contents.of(tensor.tensor_content))


def restored_predict(message: Any, contents: Contents) -> None:
    for tensor in message.inputs.values():
        tensor.tensor_content = bytes(contents.of(tensor.tensor_content))


Known = tuple[Any, Paths, Callable[[Any, Contents], None]]
MESSAGES: list[Known] = [
    (ModelInferRequest, v2_proto_request._CUT, restored_request),
    (SeldonMessage, seldon_proto._CUT, restored_message),
    (PredictRequest, tensorflow_proto._CUT, restored_predict),
]
numbers = st.one_of(st.integers(1, 8), st.sampled_from([15, 16, 2**29 - 1]))
short = st.binary(max_size=6)


def tagged(number: int, kind: int) -> bytes:
    return varint(number << 3 | kind)


def overlong(number: int) -> bytes:
    """A varint of one byte more than it needs, as some writers make them."""
    least = varint(number)
    return least[:-1] + bytes([least[-1] | 0x80, 0])


def in_bytes(pair: tuple[int, bytes]) -> bytes:
    return tagged(pair[0], 2) + varint(len(pair[1])) + pair[1]


def in_group(pair: tuple[int, bytes]) -> bytes:
    return tagged(pair[0], 3) + pair[1] + tagged(pair[0], 4)


plain_fields = st.one_of(
    st.builds(lambda n, v: tagged(n, 0) + varint(v), numbers, st.integers(0, 2**64 - 1)),
    st.builds(lambda n, v: tagged(n, 0) + overlong(v), numbers, st.integers(0, 2**20)),
    st.builds(lambda n, v: tagged(n, 1) + v, numbers, st.binary(min_size=8, max_size=8)),
    st.builds(lambda n, v: tagged(n, 5) + v, numbers, st.binary(min_size=4, max_size=4)),
    st.builds(lambda n, v: tagged(n, 2) + overlong(len(v)) + v, numbers, short),
    st.tuples(numbers, short).map(in_bytes),
)
anything = st.recursive(
    st.lists(plain_fields, max_size=4).map(b"".join),
    lambda inner: st.lists(
        st.one_of(plain_fields, st.tuples(numbers, inner).map(in_bytes), st.tuples(numbers, inner).map(in_group)),
        max_size=5,
    ).map(b"".join),
    max_leaves=12,
)
kinds = st.sampled_from(MESSAGES)


def outcome(kind: Any, body: bytes, restored: Callable[[Any], None]) -> bytes | None:
    """The message, written in one way; None when it is none."""
    try:
        message = kind.FromString(body)
    except DecodeError:
        return None
    restored(message)
    written: bytes = message.SerializeToString(deterministic=True)
    return written


def is_read_the_same(known: Known, body: bytes) -> bool:
    kind, paths, restore = known
    rest, contents = cut(body, paths)
    expected = outcome(kind, body, lambda message: restore(message, UNCUT))
    return outcome(kind, rest, lambda message: restore(message, contents)) == expected


@given(kinds, anything)
def test_every_message_is_read_as_protobuf_reads_it(known: Known, body: bytes) -> None:
    assert is_read_the_same(known, body)


@given(kinds, st.binary(max_size=60))
def test_bytes_that_are_mostly_no_message(known: Known, body: bytes) -> None:
    assert is_read_the_same(known, body)


@given(kinds, anything, st.data())
def test_messages_that_are_cut_off_or_changed_on_their_way(known: Known, body: bytes, data: Any) -> None:
    end = data.draw(st.integers(0, len(body)))
    assert is_read_the_same(known, body[:end])
    if body:
        at = data.draw(st.integers(0, len(body) - 1))
        assert is_read_the_same(known, body[:at] + bytes([data.draw(st.integers(0, 255))]) + body[at + 1 :])


def tensor(content: bytes) -> bytes:
    """A TensorProto."""
    return b"".join([b"\x08\x01", *field(4, [content])])


def joined(number: int, *pieces: bytes) -> bytes:
    return b"".join(field(number, pieces))


def test_each_path_is_cut() -> None:
    content = bytes(range(200))
    bodies = [
        (ModelInferRequest, v2_proto_request._CUT, joined(7, content) + joined(1, b"m") + joined(7, content)),
        (SeldonMessage, seldon_proto._CUT, joined(4, content)),
        (SeldonMessage, seldon_proto._CUT, joined(3, joined(1, b"a"), joined(4, tensor(content)))),
        (PredictRequest, tensorflow_proto._CUT, joined(2, joined(1, b"x"), joined(2, tensor(content)))),
    ]
    for kind, paths, body in bodies:
        rest, _ = cut(body, paths)
        assert len(rest) < 40
        assert outcome(kind, rest, lambda _: None) is not None


def test_what_is_cut_out_is_a_view_on_what_came() -> None:
    body = joined(7, b"a" * 100) + joined(7, b"") + joined(7, b"b")
    rest, contents = cut(body, {7: None})
    views = [contents.of(token) for token in ModelInferRequest.FromString(rest).raw_input_contents]
    assert [bytes(view) for view in views] == [b"a" * 100, b"", b"b"]
    assert all(isinstance(view, memoryview) and view.obj is body for view in views)
    assert contents.of(b"") == b""  # a field that is not there


def test_of_a_field_that_is_there_twice_the_last_counts() -> None:
    body = joined(3, joined(4, tensor(b"first"))) + joined(3, joined(4, tensor(b"second")))
    message, contents = SeldonMessage(), None
    rest, contents = cut(body, seldon_proto._CUT)
    message.MergeFromString(rest)
    assert bytes(contents.of(message.data.tftensor.tensor_content)) == b"second"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x08\x01" * (MAX_FIELDS + 1) + joined(7, b"a"),
        joined(7, b"a") + b"\x08\x01" * (MAX_FIELDS + 1),
        joined(1, b"nothing at a path"),
        joined(7, b"a") + b"\x00\x01",
        joined(7, b"a") + b"\x0c",
        joined(7, b"a") + b"\x0b\x14",
        joined(7, b"a") + b"\x0b" * 100,
        joined(7, b"a") + b"\xff" * 11,
        joined(7, b"a")[:-1],
    ],
)
def test_what_is_left_to_protobuf(body: bytes) -> None:
    rest, contents = cut(body, v2_proto_request._CUT)
    assert rest is body
    assert contents is UNCUT


@pytest.mark.parametrize("end", [b"\x3a\xff\xff\xff\xff\x07a", b"\x0c", b"\xff", b"\x0b" * 20_000])
def test_a_large_message_that_is_none_is_the_callers_mistake(end: bytes) -> None:
    with pytest.raises(BadMessage, match=r"Expected a inference\.ModelInferRequest"):
        parse_cut(ModelInferRequest, joined(7, bytes(WORTH_BYTES)) + end, v2_proto_request._CUT)


@given(st.integers(0, 2**64 - 1))
def test_varint(number: int) -> None:
    body = varint(number)
    assert sum((byte & 0x7F) << 7 * index for index, byte in enumerate(body)) == number
    assert [byte >> 7 for byte in body] == [1] * (len(body) - 1) + [0]
