"""The time that a request has."""

import asyncio
import contextlib
from types import TracebackType

from infergraph.errors import DeadlineExceeded

NO_DEADLINE = contextlib.nullcontext()


class Deadline:
    """Ends what runs inside it after ``timeout_s``. :raises DeadlineExceeded: then."""

    def __init__(self, timeout_s: float, annotation: str = "seldon.io/rest-timeout") -> None:
        self._timeout_s = timeout_s
        self._annotation = annotation
        self._timeout = asyncio.timeout(timeout_s)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise DeadlineExceeded(
                f"No answer within {self._timeout_s:g} s, the limit that annotation {self._annotation} sets"
            ) from None
