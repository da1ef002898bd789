"""What a process prints, line by line."""

from asyncio import StreamReader
from collections.abc import AsyncIterator

READ_BYTES = 1 << 16
LINE_BYTES = 1 << 18
"""A line that is longer is taken apart: nobody has to keep what a process without line ends prints."""


async def lines_of(stream: StreamReader) -> AsyncIterator[str]:
    """Every line that is not empty, until the stream ends; what stands there without an end of line is one."""
    left = b""
    while data := await stream.read(READ_BYTES):
        *whole, left = (left + data).split(b"\n")
        if len(left) > LINE_BYTES:
            whole, left = [*whole, left], b""
        for line in whole:
            if text := line.decode(errors="replace").rstrip():
                yield text
    if text := left.decode(errors="replace").rstrip():
        yield text
