"""Python's stdout and stderr that do not wait for a reader that reads no more.

Descriptors 1 and 2 stay as they are. A pipe of our own in their place, read by a thread, would lose the last words of
a process that crashes, and would block a library that prints while it keeps the interpreter's lock, which that thread
needs.
"""

import io
import os
import sys
from collections.abc import Mapping
from typing import Any

from infergraph.local.outlet import Outlet, may_stall
from infergraph.local.valve import Valve

STREAMS = ("stdout", "stderr")


def print_by_lines() -> None:
    """From now on, a line is written when it ends: seen at once, and not in the middle of another process's line."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)


def output_valves() -> Mapping[str, Valve]:
    """A valve for each stream that leads to a reader which may stall, one for both where that is the same."""
    valves: dict[str, Valve] = {}
    by_reader: dict[tuple[int, int], Valve] = {}
    for name in STREAMS:
        number = _descriptor(getattr(sys, name))
        if number is None or not may_stall(number):
            continue
        found = os.fstat(number)
        reader = found.st_dev, found.st_ino
        if reader not in by_reader:
            by_reader[reader] = Valve(Outlet(number))
            os.register_at_fork(after_in_child=by_reader[reader].begin_anew)
        valves[name] = by_reader[reader]
    return valves


def unblock(valves: Mapping[str, Valve]) -> None:
    """From now on, what Python prints never waits for long."""
    for name, valve in valves.items():
        stream = getattr(sys, name)
        stream.flush()
        setattr(sys, name, UnblockedText(stream, _Unblocked(stream.name, stream.fileno(), valve)))


def finish() -> None:
    """All that Python has printed is read, unless nobody reads."""
    for name in STREAMS:
        if isinstance(stream := getattr(sys, name), UnblockedText):
            stream.finish()


class UnblockedText(io.TextIOWrapper):
    """In the place of a stream, and as that was: its encoding, and when it flushes."""

    def __init__(self, replaced: io.TextIOWrapper, raw: "_Unblocked") -> None:
        super().__init__(
            raw,  # no `BufferedWriter` between: its lock lets no finalizer write in the middle of a write
            replaced.encoding,
            replaced.errors,
            line_buffering=replaced.line_buffering,
            write_through=replaced.write_through,
        )
        self._valve = raw.valve

    def finish(self) -> None:
        """Until everything is read, or nobody reads."""
        self.flush()
        self._valve.finish()


class _Unblocked(io.RawIOBase):
    """The bytes of one stream."""

    def __init__(self, name: str, number: int, valve: Valve) -> None:
        self.name = name
        self._number = number
        self.valve = valve

    def fileno(self) -> int:
        return self._number

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.valve.write(bytes(data))
        return len(data)


def _descriptor(stream: object) -> int | None:
    """The descriptor that a text stream writes to; None when it is something else, or closed."""
    try:
        return stream.fileno() if isinstance(stream, io.TextIOWrapper) else None
    except (OSError, ValueError):
        return None
