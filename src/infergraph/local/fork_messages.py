"""What a supervisor and a fork server say to each other: one packet a message, one answer for each that asks."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from infergraph.local.plan import Plan


class Preload(msgspec.Struct, frozen=True):
    """To a fork server, first of all and on its stdin: what to load.

    ``threads`` are the variables of numeric libraries as its workers have them. It has one thread itself.
    """

    plan: Plan
    path: Sequence[str]
    threads: Mapping[str, str]


class Fork(msgspec.Struct, frozen=True, tag=True):
    """To a fork server, with two descriptors, of a control channel and of where to dump: become a worker."""


class Reap(msgspec.Struct, frozen=True, tag=True):
    """To a fork server: this worker has ended. Until then nobody else can have its number."""

    pid: int


class StopListening(msgspec.Struct, frozen=True, tag=True):
    """To a fork server: there will be no more workers. It does not answer."""


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """Of a fork server: everything is loaded."""


class Unshared(msgspec.Struct, frozen=True, tag=True):
    """Of a fork server, before it ends: a fork would not have all that was loaded, and why."""

    reason: str


class LoadFailed(msgspec.Struct, frozen=True, tag=True):
    """Of a fork server, before it ends: something does not load, and why."""

    sentence: str


class LoadLog(msgspec.Struct, frozen=True, tag=True):
    """Of a fork server while it loads: an event for the log."""

    event: Mapping[str, Any]


class Forked(msgspec.Struct, frozen=True, tag=True):
    """Of a fork server: this is the new worker."""

    pid: int


class NoFork(msgspec.Struct, frozen=True, tag=True):
    """Of a fork server: the system grants no process, and why."""

    reason: str


class Reaped(msgspec.Struct, frozen=True, tag=True):
    """Of a fork server: how the worker ended, below zero by a signal."""

    exit_code: int


ToForkServer = Fork | Reap | StopListening
OfForkServer = Loaded | Unshared | LoadFailed | LoadLog | Forked | NoFork | Reaped
