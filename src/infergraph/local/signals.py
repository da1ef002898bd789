"""The signals that a process listens to, whatever its models do with them."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from typing import Any

import structlog

log = structlog.get_logger("infergraph.run")

LOOK_S = 1.0


class Signals:
    """Calls a function for each signal, from now on and in the event loop that runs.

    A library that puts a handler of its own in the place of ours, as some do at their first call, would keep the
    process from draining: `keep` takes the signal back.
    """

    def __init__(self, handlers: Mapping[signal.Signals, Callable[[], None]]) -> None:
        self._handlers = handlers
        self._listen()

    async def keep(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            if taken := [number.name for number in self._handlers if signal.getsignal(number) is not self._own[number]]:
                self._listen()
                log.warning("signals_taken_back", signals=taken)

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for number, call in self._handlers.items():
            loop.add_signal_handler(number, call)
        self._own: dict[signal.Signals, Any] = {number: signal.getsignal(number) for number in self._handlers}
