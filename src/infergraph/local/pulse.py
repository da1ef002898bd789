"""Whether a worker's event loop still runs, by its heartbeats."""


class Pulse:
    """The heartbeats of one worker; all times are readings of one monotonic clock, in seconds."""

    def __init__(self, *, limit_s: float, now_s: float) -> None:
        self._limit_s = limit_s
        self._heard_s = now_s
        self._looked_s = now_s

    def beat(self, now_s: float) -> None:
        """A heartbeat has come."""
        self._heard_s = now_s

    def silent_s(self, now_s: float) -> float | None:
        """How long it has been silent, when that is longer than the limit; None when all is well.

        Who looks has to look more often than the limit says: after a longer pause, as of a machine that slept, the
        heartbeats of that time may lie unread, and the silence is counted anew.
        """
        was_away = now_s - self._looked_s > self._limit_s / 2
        self._looked_s = now_s
        if was_away:
            self._heard_s = now_s
        silent_s = now_s - self._heard_s
        return silent_s if silent_s > self._limit_s else None
