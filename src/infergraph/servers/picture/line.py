"""One line of text in a box, and how a long text becomes several."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from infergraph.servers.picture.text import clipped, printable, text_width

_MAX_WIDTH = 250.0


class Line(msgspec.Struct, frozen=True):
    """One line of text in a box: the class that styles it, and its height and width in pixels."""

    text: str
    style: str
    height: float
    width: float


def wrapped(text: str, style: str, size: float, height: float, most: int = 4) -> Iterator[Line]:
    """The text on as many lines as it needs, at most ``most``; the last one ends in … when there is more."""
    pieces = re.findall(r"[^-_./:\s]*[-_./:\s]?", clipped(printable(text), 400))
    rows = list(_filled([piece for piece in pieces if piece], size))
    if len(rows) > most:
        rows = [*rows[: most - 1], f"{rows[most - 1][:-1]}…"]
    for row in map(str.rstrip, rows):
        yield Line(row, style, height, text_width(row, size))


def _filled(pieces: Sequence[str], size: float) -> Iterator[str]:
    row = ""
    for piece in pieces:
        if row and text_width(row + piece, size) > _MAX_WIDTH:
            yield row
            row = ""
        for char in piece:  # a piece that is too wide for a line of its own is cut anywhere
            if row and text_width(row + char, size) > _MAX_WIDTH:
                yield row
                row = ""
            row += char
    if row:
        yield row
