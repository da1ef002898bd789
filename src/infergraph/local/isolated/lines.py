"""What a process prints, line by line."""

import asyncio
import os
from collections.abc import Callable

READ_BYTES = 1 << 16
LINE_BYTES = 1 << 18
"""A line that is longer is taken apart: nobody has to keep what a process without line ends prints."""


class LinePipe:
    """A pipe that processes write to. ``note`` gets every line that is not empty, as long as `read` runs.

    asyncio's own ``PIPE`` would let the end of a process wait for all who hold its output, be it a child that goes on
    for ever.

    :raises OSError: when no descriptors are left.
    """

    def __init__(self) -> None:
        ours, self.descriptor = os.pipe()
        self._ours = os.fdopen(ours, "rb", 0)

    def close_descriptor(self) -> None:
        """Who writes has it now."""
        os.close(self.descriptor)

    async def read(self, note: Callable[[str], None]) -> None:
        """Until nobody holds the other end any more; what stands there without an end of line is a line."""
        stream = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), self._ours)
        try:
            await _note_lines(stream, note)
        finally:
            transport.close()


async def _note_lines(stream: asyncio.StreamReader, note: Callable[[str], None]) -> None:
    left = b""
    while data := await stream.read(READ_BYTES):
        *whole, left = (left + data).split(b"\n")
        if len(left) > LINE_BYTES:
            whole, left = [*whole, left], b""
        for line in whole:
            _note(line, note)
    _note(left, note)


def _note(line: bytes, note: Callable[[str], None]) -> None:
    if text := line.decode(errors="replace").rstrip():
        note(text)
