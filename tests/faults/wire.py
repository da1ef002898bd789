"""A connection that asks, and says what came of each request: the client of `steady_killing`."""

import asyncio
import time
from typing import NamedTuple

import msgspec

DEADLINE_S = 10.0
LOST = 0
HUNG = -1


class Exchange(NamedTuple):
    """What came of a request: a status, LOST with its connection, or HUNG. Times are of the monotonic clock.

    ``worker`` is the process that its connection belongs to as far as is known, else 0.
    """

    opened_s: float
    sent_s: float
    ended_s: float
    status: int
    worker: int


class Wire:
    """One connection, which is opened again when it was closed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._opened_s = 0.0
        self.worker = 0

    async def ask(self, what: str) -> Exchange:
        """One request and what came of it."""
        if self._reader is None or self._reader.at_eof():
            self.close()
        sent_s = time.monotonic()
        try:
            async with asyncio.timeout(DEADLINE_S):
                status = await self._exchange(what)
        except TimeoutError:
            status = HUNG
        except (OSError, EOFError):
            status = LOST
        exchange = Exchange(self._opened_s or sent_s, sent_s, time.monotonic(), status, self.worker)
        if status != 200:
            self.close()
        return exchange

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None
        self._opened_s, self.worker = 0.0, 0

    async def _exchange(self, what: str) -> int:
        reader, writer = await self._opened()
        body = msgspec.json.encode({"data": {"ndarray": [[what]]}})
        head = b"POST /api/v1.0/predictions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        writer.write(head + b"content-length: %d\r\n\r\n%s" % (len(body), body))
        lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))
        answer = await reader.readexactly(length)
        status = int(lines[0].split()[1])
        if status == 200:
            self.worker = int(msgspec.json.decode(answer)["data"]["ndarray"][0][0])
        return status

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None:
            self._opened_s = time.monotonic()
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self._reader, self._writer
