"""The time that a request has."""

import asyncio
import contextlib
from types import TracebackType

from infergraph.errors import DeadlineExceeded

NO_DEADLINE = contextlib.nullcontext()


class Deadline:
    """Ends what runs inside it after ``timeout_s`` for each of its ``calls``. :raises DeadlineExceeded: then."""

    def __init__(self, timeout_s: float, annotation: str = "seldon.io/rest-timeout", calls: int = 1) -> None:
        self._timeout_s = timeout_s
        self._annotation = annotation
        self._calls = calls
        self._timeout = asyncio.timeout(timeout_s * calls)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            times = "" if self._calls == 1 else f"{self._calls} times "
            raise DeadlineExceeded(
                f"No answer within {self._timeout_s * self._calls:g} s, {times}the limit that annotation "
                f"{self._annotation} sets"
            ) from None
