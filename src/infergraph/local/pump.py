"""The pump of a supervisor: between what its workers write to stdout and stderr, and who reads that or does not.

A write in a worker would wait for ever for a reader that stops reading, and the request with it. The pump is in the
process that loads no model: it reads also while a worker keeps its interpreter's lock, and after one has crashed.
"""

import contextlib
import os
import select
import sys
import threading
from collections.abc import Iterator, Mapping

from infergraph.local.outlet import CHUNK_BYTES
from infergraph.local.valve import Valve


@contextlib.contextmanager
def pumped(valves: Mapping[str, Valve]) -> Iterator[None]:
    """In the block, what this process and its children write to these streams goes through their valves.

    Also what Python prints here: it goes the same way as what workers print, so that lines keep their order.
    """
    numbers: dict[Valve, list[int]] = {}
    for name, valve in valves.items():
        getattr(sys, name).flush()
        numbers.setdefault(valve, []).append(getattr(sys, name).fileno())
    pumps = [Pump(*one) for one in numbers.items()]
    try:
        yield
    finally:
        for name in valves:
            getattr(sys, name).flush()
        for pump in pumps:
            pump.end()


class Pump(threading.Thread):
    """Reads a pipe that takes the place of these descriptors, until its `end`, which gives them back."""

    def __init__(self, valve: Valve, numbers: list[int]) -> None:
        super().__init__(name="pump", daemon=True)
        self._valve = valve
        self._saved = {number: os.dup(number) for number in numbers}
        self._reading, writing = os.pipe()
        self._ended, self._ending = os.pipe()
        os.set_blocking(self._reading, False)
        for number in numbers:
            os.dup2(writing, number)
        os.close(writing)
        self.start()

    def run(self) -> None:
        poll = select.poll()
        for descriptor in (self._reading, self._ended):
            poll.register(descriptor, select.POLLIN)
        is_last = False
        while not is_last:
            is_last = self._ended in dict(poll.poll())
            # One read takes all that a pipe holds, so the last is not for who prints on and on.
            with contextlib.suppress(BlockingIOError):
                self._valve.write(os.read(self._reading, CHUNK_BYTES))

    def end(self) -> None:
        """What was written until now has gone through the valve."""
        for number, saved in self._saved.items():
            os.dup2(saved, number)
            os.close(saved)
        os.close(self._ending)
        self.join()
        os.close(self._reading)
        os.close(self._ended)
