"""One operation of a component, as a protocol has it over a transport."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec


class Exchange(msgspec.Struct, frozen=True):
    """What is asked at ``path``: ``encode`` writes the question, and ``decode`` reads the answer.

    Without ``encode`` nothing is sent: over REST it is a GET. ``decode`` raises `BadMessage` when it is no answer.
    """

    path: str
    encode: Callable[[Any], bytes] | None
    decode: Callable[[bytes], Any]


Exchanges = Mapping[str, Exchange]
"""Those that a protocol has, by operation."""
FULL_HEALTH = "full_health"
"""The operation that tells whether a component is well, in a protocol that has one (SELDON_V1 §3.6)."""
