"""When to try again, and when to give up."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec
import structlog

from infergraph.errors import ArtifactError

Result = TypeVar("Result")

log = structlog.get_logger("infergraph.artifacts")

FIRST_S = 0.5
LONGEST_S = 20.0
LONGEST_ASKED_S = 120.0
"""How long a store may ask to wait (Retry-After); what asks for more is given up."""


class Transient(Exception):
    """Raised when a store does not answer, or answers that it cannot now. ``after_s`` is how long it asks to wait."""

    def __init__(self, message: str, *, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """How often to try, with waits that double; ``sleep`` and ``jitter`` are the clock's and the dice's."""

    attempts: int = 6
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def call(self, function: Callable[[], Result], what: str) -> Result:
        """Return what ``function`` returns, tried until it raises no `Transient`.

        :raises ArtifactError: when the last attempt failed as well; its cause is the last `Transient`.
        """
        failed = Failures(self, what)
        while True:
            try:
                return function()
            except Transient as error:
                failed.wait(error)


class Failures:
    """The failures in a row of one thing to do."""

    def __init__(self, retry: Retry, what: str) -> None:
        self._retry = retry
        self._what = what
        self._count = 0

    def reset(self) -> None:
        """It went on: what failed before counts no more."""
        self._count = 0

    def wait(self, error: Transient) -> None:
        """Wait before the next attempt. :raises ArtifactError: when there is none."""
        self._count += 1
        asked_s = error.after_s or 0.0
        if self._count >= self._retry.attempts or asked_s > LONGEST_ASKED_S:
            asked = f", and asks to wait {asked_s:.0f} s" if asked_s > LONGEST_ASKED_S else ""
            raise ArtifactError(f"{self._what}: {error}{asked}; gave up after {self._count} attempts") from error
        longest_s = min(FIRST_S * 2.0 ** (self._count - 1), LONGEST_S)
        # Half of the wait is thrown with dice, so that many pods do not come back at the same moment.
        wait_s = max(asked_s, longest_s * (0.5 + self._retry.jitter() / 2))
        log.warning(
            "artifact_retrying", what=self._what, error=str(error), wait_s=round(wait_s, 2), attempt=self._count
        )
        self._retry.sleep(wait_s)
