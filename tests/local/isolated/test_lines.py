"""What processes print, line by line, as long as somebody can write."""

import asyncio
import os

from infergraph.local.isolated.lines import LINE_BYTES, LinePipe


def read(*written: bytes) -> list[str]:
    async def main() -> list[str]:
        pipe = LinePipe()
        lines: list[str] = []
        reading = asyncio.create_task(pipe.read(lines.append))
        for data in written:
            await asyncio.to_thread(os.write, pipe.descriptor, data)
        pipe.close_descriptor()
        await reading
        return lines

    return asyncio.run(main())


def test_lines_come_as_they_are_whole() -> None:
    assert read(b"one\ntw", b"o\n\n  \nthr\xffee\r\nfour") == ["one", "two", "thr�ee", "four"]


def test_a_line_without_an_end_is_taken_apart() -> None:
    lines = read(*[b"x" * 50_000] * 12)
    assert sum(map(len, lines)) == 600_000
    assert len(lines) > 1
    assert max(map(len, lines)) <= LINE_BYTES + 65_536
