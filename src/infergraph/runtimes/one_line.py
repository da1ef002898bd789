"""What an exception of somebody else's says, on one line."""

import re
from textwrap import shorten

# What native libraries put around a message: time and line of their own source before it, a stack after it.
_PREFIX = re.compile(
    r"^(?:\[\d\d:\d\d:\d\d\] )?(?:/?[\w./-]+\.(?:cc|cpp|h|hpp|cu):\d+: )?(?:Check failed: )?"
    r"(?:\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : )?"
)
_STACK = re.compile(r"\s*(?:Stack trace:|\[bt\] \().*$", re.DOTALL)
_LONGEST = 120


def one_line(error: Exception) -> str:
    """Return class and message, short: a NumPy dtype alone may fill a page."""
    text = shorten(message_of(error), _LONGEST, placeholder=" ...")
    return ": ".join(filter(None, [type(error).__name__, text]))


def message_of(error: Exception) -> str:
    """Return the message alone, without what a native library says of its own source."""
    return " ".join(_PREFIX.sub("", _STACK.sub("", str(error))).split())
