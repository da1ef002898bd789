"""How far a download is, as log events: a terminal draws a bar of them, a pipe gets them as JSON lines."""

import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger("infergraph.artifacts")

INTERVAL_S = 1.0


class Progress:
    """One download. Its events are ``artifact_fetching`` and then, now and then, ``artifact_progress``.

    Bytes from an earlier attempt are counted as done, and not in the rate.
    """

    def __init__(self, *, interval_s: float = INTERVAL_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._lock = threading.Lock()

    def begin(self, artifact: str, *, files: int, total_bytes: int | None, done_bytes: int) -> None:
        """It begins."""
        self._artifact, self._total, self._done, self._before = artifact, total_bytes, done_bytes, done_bytes
        self._began_s = self._told_s = self._clock()
        log.info("artifact_fetching", artifact=artifact, files=files, total_bytes=total_bytes, done_bytes=done_bytes)

    def advance(self, size: int) -> None:
        """``size`` more bytes are there; fewer, where it has to begin again."""
        with self._lock:
            self._done += size
            if self._clock() - self._told_s >= self._interval_s:
                self._tell()

    def end(self) -> None:
        """Everything is there."""
        self._tell()

    def _tell(self) -> None:
        now_s = self._told_s = self._clock()
        rate = (self._done - self._before) / (now_s - self._began_s) if now_s > self._began_s else 0.0
        remaining = round((self._total - self._done) / rate, 1) if rate > 0 and self._total is not None else None
        log.info(
            "artifact_progress",
            artifact=self._artifact,
            done_bytes=self._done,
            total_bytes=self._total,
            bytes_per_s=round(rate),
            remaining_s=remaining,
        )
