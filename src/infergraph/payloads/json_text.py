"""JSON as text: read strictly, with each refusal in words, and written so that its reader can read it."""

import json
import math
import re
from typing import Any, TypeVar

import msgspec
import numpy as np

from infergraph.errors import BadAnswer, BadMessage

MAX_DEPTH = 100
_BARE_NONFINITE = re.compile(rb"[\[:,\s]-?(?:NaN|Infinity)\b")
_anything = msgspec.json.Decoder()


def decode(body: bytes, max_depth: int = MAX_DEPTH) -> Any:
    """Any JSON value, with NaN and Infinity as Python writes them.

    :raises BadMessage: when the body is not JSON, or nested too deep.
    """
    try:
        value = _anything.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return decode_with_care(body, error, max_depth)
    check_text_depth(body, max_depth)
    return value


T = TypeVar("T")


def decode_as(decoder: msgspec.json.Decoder[T], body: bytes, max_depth: int, what: str) -> T:
    """The value of a decoder's type, with NaN and Infinity as `decode`; how deep it nests is the caller's to check.

    :raises BadMessage: when the body is not JSON, or not ``what`` the decoder takes.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise BadMessage(f"Expected {what}: {error}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        value = decode_with_care(body, error, max_depth)
    try:
        return msgspec.convert(value, decoder.type)
    except msgspec.ValidationError as error:
        raise BadMessage(f"Expected {what}: {error}") from None


def decode_with_care(body: bytes, error: Exception, max_depth: int = MAX_DEPTH) -> Any:
    """The value of a body that a strict decoder refused with ``error``, or the reason in words.

    Python clients write NaN and Infinity bare; the v1 wrapper reads them, and so do we.
    """
    if isinstance(error, RecursionError):
        raise _too_deep(max_depth) from None
    if isinstance(error, msgspec.ValidationError):  # JSON, but not of the decoder's type: for the caller to say
        return _anything_or_refuse(body, error, max_depth)
    if _BARE_NONFINITE.search(body) is None:
        raise BadMessage(f"Can't find JSON in data: {_reason(body, error)}")
    check_text_depth(body, max_depth)
    try:
        value = json.loads(body, parse_float=_finite, parse_int=_integer)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair passes the one and not the other
    except (ValueError, RecursionError) as second:
        raise BadMessage(f"Can't find JSON in data: {_reason(body, second)}") from None
    return value


def encode(value: Any, question: bytes = b"") -> bytes:
    """The JSON of a value whose leaves may be numpy scalars, with no text that could be taken for HTML.

    Numbers that JSON has no word for are written as in the ``question``: bare (``NaN``, ``Infinity``) when it wrote
    them bare, and as proto3 JSON's strings otherwise, so that an answer is always something its caller can read.

    :raises BadAnswer: when it holds something that JSON cannot say.
    """
    try:
        body = _encoder.encode(value)
        if b"null" in body and _has_nonfinite(value):
            body = _encode_nonfinite(value, is_bare=_BARE_NONFINITE.search(question) is not None)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise BadAnswer(f"The answer holds a value that JSON cannot say: {error}") from error
    return escape_html(body)


def plain(value: Any) -> Any:
    """The value in plain JSON types: numpy scalars as Python's, structs as dicts."""
    return msgspec.to_builtins(value, enc_hook=_plain_leaf)


def is_shallow(body: bytes, max_depth: int) -> bool:
    """Whether a body cannot be nested deeper than the limit: a quick look that spares most bodies the long one."""
    return body.count(b"[") + body.count(b"{") <= max_depth


def check_text_depth(body: bytes, max_depth: int) -> None:
    """Refuse JSON that is nested deeper than ``max_depth``. :raises BadMessage: then.

    The text is looked at and not its value: a million lists beside each other take a walk over them seconds.
    """
    if is_shallow(body, max_depth):
        return
    brackets = np.frombuffer(_STRINGS.sub(b"", body).translate(None, _NOT_BRACKETS), dtype=np.uint8)
    depth = 0
    for start in range(0, len(brackets), _CHUNK_BYTES):
        is_opening = brackets[start : start + _CHUNK_BYTES] & 0b10 != 0  # [ and { have this bit, ] and } do not
        depths = np.cumsum(np.where(is_opening, 1, -1), dtype=np.int32) + depth
        if depths.max() > max_depth:
            raise _too_deep(max_depth)
        depth = int(depths[-1])


def check_depth(value: Any, max_depth: int) -> None:
    """Refuse a value that is nested deeper than ``max_depth``. :raises BadMessage: then."""
    level = [value]
    for _ in range(max_depth):
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise _too_deep(max_depth)


_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_CHUNK_BYTES = 2**20
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def escape_html(body: bytes) -> bytes:
    """JSON in which no text can be taken for HTML (SELDON_V1 §3.4, Bodies)."""
    if b"<" in body or b">" in body or b"&" in body or b"\xe2\x80" in body:
        for plain, escaped in _HTML:
            body = body.replace(plain, escaped)
    return body


_HTML = (
    (b"<", rb"\u003c"),
    (b">", rb"\u003e"),
    (b"&", rb"\u0026"),
    ("\u2028".encode(), rb"\u2028"),
    ("\u2029".encode(), rb"\u2029"),
)


def _plain_leaf(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no JSON type")


_encoder = msgspec.json.Encoder(enc_hook=_plain_leaf)


def _anything_or_refuse(body: bytes, error: Exception, max_depth: int) -> Any:
    try:
        return _anything.decode(body)
    except RecursionError:
        raise _too_deep(max_depth) from None
    except msgspec.MsgspecError:
        raise BadMessage(f"Can't find JSON in data: {error}") from None


def _reason(body: bytes, error: Exception) -> str:
    if not body.strip():
        return "the body is empty"
    if body.startswith(b"\xef\xbb\xbf"):
        return "the body starts with a byte order mark; send UTF-8 without one"
    if isinstance(error, UnicodeDecodeError):
        return f"the text is not UTF-8 ({error.reason})"
    if isinstance(error, UnicodeEncodeError) or _HALF_PAIR.search(body):
        return "a \\ud800 to \\udfff is half of a character; its other half is missing"
    return str(error)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text:.40} is out of range")
    return number


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ValueError(f"the integer {text:.40}… has {len(text)} digits")
    return int(text)


_MAX_DIGITS = 4300  # more takes Python long, so it refuses in words about itself
# A high half without a low one after it, or a low one without a high one before it.
_HALF_PAIR = re.compile(rb"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]", re.DOTALL)


def _too_deep(max_depth: int) -> BadMessage:
    return BadMessage(f"JSON is nested at most {max_depth} levels deep here, and this body is deeper")


_NESTS = (list, dict, msgspec.Struct)


def _children(value: Any) -> list[Any]:
    """What is nested in a JSON value, without its leaves."""
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.astuple(value)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [item for item in items if isinstance(item, _NESTS)]


def _has_nonfinite(value: Any) -> bool:
    try:
        json.dumps(plain(value), allow_nan=False)
    except ValueError:
        return True
    return False


def _encode_nonfinite(value: Any, *, is_bare: bool) -> bytes:
    builtins = plain(value) if is_bare else _spelled(plain(value))
    return json.dumps(builtins, separators=(",", ":"), ensure_ascii=False).encode()


def _spelled(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    if isinstance(value, dict):
        return {key: _spelled(item) for key, item in value.items()}
    return value
