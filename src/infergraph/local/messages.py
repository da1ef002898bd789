"""What a supervisor and its workers say to each other."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from infergraph.local.announcement import Announcement
from infergraph.local.plan import Plan
from infergraph.telemetry import Snapshot


class Start(msgspec.Struct, frozen=True, tag=True):
    """To a worker, first of all: what to serve and how.

    ``listeners`` and ``grpc_listeners`` are inherited file descriptors of listening sockets, as many of the one as of
    the other; without those of gRPC, a worker that is to serve it listens by itself. ``metrics`` is that of a socket
    for metrics alone.
    ``path`` is the supervisor's ``sys.path``.
    The heart beats every ``beat_s``, and not while a call takes longer than ``call_s``.
    """

    plan: Plan
    path: Sequence[str]
    listeners: Sequence[int]
    url: str
    grpc: str | None
    grpc_listeners: Sequence[int]
    beat_s: float
    call_s: float
    metrics: int | None = None

    @property
    def descriptors(self) -> list[int]:
        """All that are inherited."""
        return [*self.listeners, *self.grpc_listeners, *([] if self.metrics is None else [self.metrics])]


class Accept(msgspec.Struct, frozen=True, tag=True):
    """To a worker: accept connections of these listeners, by index, and of no others."""

    listeners: Sequence[int]


class Drain(msgspec.Struct, frozen=True, tag=True):
    """To a worker: answer what there is, then end. ``is_replaced`` says that others go on: the service stays ready."""

    is_replaced: bool


class StopAtOnce(msgspec.Struct, frozen=True, tag=True):
    """To a worker: refuse what there is, and end."""


class Measure(msgspec.Struct, frozen=True, tag=True):
    """To a worker: say what you have measured, with this number."""

    number: int


class Gathered(msgspec.Struct, frozen=True, tag=True):
    """To a worker: the metrics of all, as it asked with this number."""

    number: int
    snapshot: Snapshot


class Measured(msgspec.Struct, frozen=True, tag=True):
    """Of a worker, when it is asked and again and again: its metrics."""

    snapshot: Snapshot
    number: int = 0


class Gather(msgspec.Struct, frozen=True, tag=True):
    """Of a worker: its metrics, and somebody wants those of all."""

    number: int
    snapshot: Snapshot


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


class Worn(msgspec.Struct, frozen=True, tag=True):
    """Of a worker: it has answered as many requests as it is to answer; another is to take its place."""


class LogEvent(msgspec.Struct, frozen=True, tag=True):
    """Of a worker: an event for the log."""

    event: Mapping[str, Any]


ToWorker = Start | Accept | Drain | StopAtOnce | Measure | Gathered
OfWorker = Ready | Failed | Worn | Beat | Leaving | LogEvent | Measured | Gather
