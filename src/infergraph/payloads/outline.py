"""The outline of a SeldonMessage: whether bytes are one, without reading what it holds."""

import msgspec
from msgspec import UNSET, Raw, UnsetType

from infergraph.errors import BadMessage
from infergraph.payloads import json_text


class Outline(msgspec.Struct, forbid_unknown_fields=True):
    """Which parts there are; the decoder sees to it that each is JSON."""

    data: dict[str, Raw] | UnsetType = UNSET
    meta: dict[str, Raw] | UnsetType = UNSET
    status: dict[str, Raw] | UnsetType = UNSET
    strData: str | UnsetType = UNSET  # noqa: N815 - the protocol's own names
    binData: str | UnsetType = UNSET  # noqa: N815
    jsonData: Raw | UnsetType = UNSET  # noqa: N815


_ARRAYS = {"ndarray", "tensor", "tftensor"}
_outline = msgspec.json.Decoder(Outline)


def is_message(body: bytes, max_depth: int = json_text.MAX_DEPTH) -> bool:
    """Whether a body is certainly a SeldonMessage with one kind of data, which somebody else is to read.

    A body that is not may be one all the same (NaN is written bare, a field is unknown): `seldon_message` tells.
    """
    try:
        outline = _outline.decode(body)
        _ = body.isascii() or body.decode()  # what is not decoded is not looked at in this way
        json_text.check_text_depth(body, max_depth)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, BadMessage):
        return False
    data = outline.data
    parts = (data, outline.strData, outline.binData, outline.jsonData)
    return sum(part is not UNSET for part in parts) == 1 and (data is UNSET or len(_ARRAYS & data.keys()) == 1)
