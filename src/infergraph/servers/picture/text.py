"""Text in the picture: how wide it is, what fits, and what may stand in an SVG."""

import re
import unicodedata
from html import escape

# What XML 1.0 cannot hold, and what turns the direction of the text after it.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def text_width(text: str, size: float) -> float:
    """The width in pixels, rather too large than too small, of a text in a font of ``size`` pixels."""
    return sum(map(_em, text)) * size


def _em(char: str) -> float:
    """A width in em that the usual sans-serif and monospace fonts stay under, bold ones too."""
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF" or char in "mwMW@%—":
        return 1.15
    if char.isupper() or char in "_&#+=<>~":
        return 0.82
    return 0.45 if char in "ijl.,:;'|!I-() " else 0.7 if char.isascii() else 0.9


def clipped(text: str, most: int) -> str:
    """The text with at most ``most`` characters; the last one is … when there are more."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def printable(text: str) -> str:
    """The text with a � for each character that may not stand in an SVG."""
    return _UNPRINTABLE.sub("\ufffd", text)


def escaped(text: str) -> str:
    """The text as it may stand in an SVG, between tags or in an attribute."""
    return escape(printable(text))
