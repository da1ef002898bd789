"""What a worker logs, on its way to its supervisor."""

import threading
from collections.abc import Mapping
from typing import Any

from infergraph.local.channel import WAITING_BYTES, Channel
from infergraph.local.messages import LogEvent, ToWorker
from infergraph.telemetry.logs import event_now


class WorkerLog:
    """Sends every log event, and waits for a supervisor that takes them; what it takes no more is lost, and counted."""

    def __init__(self, channel: Channel[ToWorker]) -> None:
        self._channel = channel
        self._lock = threading.RLock()  # a finalizer may log in the middle of this
        self._lost = 0

    def show(self, event: Mapping[str, Any]) -> None:
        """Send a complete event, or lose it."""
        with self._lock:
            if self._lost:
                self.tell_lost()
            else:
                self._channel.wait(WAITING_BYTES)
            if self._lost or not self._send(event):
                self._lost += 1

    def tell_lost(self) -> None:
        """Say how many were lost, once there is room to say it."""
        with self._lock:
            if self._lost and self._send(event_now("warning", "output_lost", lines=self._lost)):
                self._lost = 0

    def _send(self, event: Mapping[str, Any]) -> bool:
        try:
            return self._channel.send(LogEvent(event), is_droppable=True)
        except (ValueError, TypeError, OverflowError):  # half a surrogate pair, a number of 65 bits
            plain = {str(key): ascii(value) for key, value in event.items()}
            return self._channel.send(LogEvent(plain), is_droppable=True)
