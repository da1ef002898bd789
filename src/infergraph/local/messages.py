"""What a supervisor and its workers say to each other."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from infergraph.local.announcement import Announcement
from infergraph.local.plan import Plan


class Start(msgspec.Struct, frozen=True, tag=True):
    """To a worker, first of all: what to serve and how.

    ``listeners`` are inherited file descriptors of listening sockets; ``path`` is the supervisor's ``sys.path``.
    """

    plan: Plan
    path: Sequence[str]
    listeners: Sequence[int]
    url: str
    grpc: str | None
    beat_s: float


class Accept(msgspec.Struct, frozen=True, tag=True):
    """To a worker: accept connections of these listeners, by index, and of no others."""

    listeners: Sequence[int]


class Drain(msgspec.Struct, frozen=True, tag=True):
    """To a worker: answer what there is, then end. ``is_replaced`` says that others go on: the service stays ready."""

    is_replaced: bool


class StopAtOnce(msgspec.Struct, frozen=True, tag=True):
    """To a worker: refuse what there is, and end."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """Of a worker: everything is loaded."""

    announcement: Announcement


class Failed(msgspec.Struct, frozen=True, tag=True):
    """Of a worker: it cannot start, and why."""

    sentence: str


class Beat(msgspec.Struct, frozen=True, tag=True):
    """Of a worker, again and again: its event loop runs."""


class Leaving(msgspec.Struct, frozen=True, tag=True):
    """Of a worker: it was told to go, by whomever; it accepts no more connections."""


class LogEvent(msgspec.Struct, frozen=True, tag=True):
    """Of a worker: an event for the log."""

    event: Mapping[str, Any]


ToWorker = Start | Accept | Drain | StopAtOnce
OfWorker = Ready | Failed | Beat | Leaving | LogEvent
