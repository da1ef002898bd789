"""Texts of protocol 0, written as Python writes them in its source."""

import codecs
import re

_UNKNOWN = re.compile(rb"\\(?![\\'\"abfnrtvx0-7\n])", re.DOTALL)
_TOO_LARGE = re.compile(rb"\\([4-7])([0-7]{2})")


def unescaped(quoted: bytes) -> str:
    """Return the text in quotes, as pickle reads it: it may hide a name behind escapes.

    An escape that Python does not know stands for itself, and an octal one keeps its last eight bits; Python warns of
    both, and what it says is no concern of who only looks at a file.

    :raises ValueError: when there are no quotes, or a part of an escape is missing.
    """
    if len(quoted) < 2 or quoted[:1] != quoted[-1:] or quoted[:1] not in b"'\"":
        raise ValueError("there are no quotes around a text")
    known = _TOO_LARGE.sub(lambda found: b"\\%d%s" % (int(found[1]) - 4, found[2]), _doubled(quoted[1:-1]))
    return codecs.escape_decode(known)[0].decode("latin-1")


def _doubled(text: bytes) -> bytes:
    """Double the backslashes that begin no escape; pairs of them are passed over."""
    return b"\\\\".join(_UNKNOWN.sub(rb"\\\\", part) for part in text.split(b"\\\\"))
