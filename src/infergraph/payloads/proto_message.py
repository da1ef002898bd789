"""Any protobuf message from its bytes and back; the only place that asks protobuf to parse."""

from typing import Any

from google.protobuf.message import DecodeError

from infergraph.errors import BadMessage
from infergraph.payloads.protos.wire import UNCUT, WORTH_BYTES, Contents, Paths, cut


def parse(kind: Any, body: bytes) -> Any:
    """The message of a class from `protos`. :raises BadMessage: when the bytes are none."""
    try:
        return kind.FromString(body)
    except DecodeError:
        raise BadMessage(
            f"Expected a {kind.DESCRIPTOR.full_name}, nested at most 100 messages deep, got {len(body)} bytes that "
            "protobuf cannot read as one"
        ) from None


def parse_cut(kind: Any, body: bytes, paths: Paths) -> tuple[Any, Contents]:
    """The message, and what its bytes fields at these paths hold: of a large one, views on the body.

    :raises BadMessage: as `parse`.
    """
    if len(body) < WORTH_BYTES:
        return parse(kind, body), UNCUT
    rest, contents = cut(body, paths)
    return parse(kind, rest), contents


def written(message: Any) -> bytes:
    """The bytes of a message."""
    body: bytes = message.SerializeToString()
    return body
