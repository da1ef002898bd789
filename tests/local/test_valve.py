"""A valve over a real pipe: many may write at once, and every line is whole. In a signal handler: test_unread."""

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from infergraph.local.outlet import Outlet
from infergraph.local.valve import Valve


class Reader(threading.Thread):
    """Reads to the end."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self.data = bytearray()

    def run(self) -> None:
        while data := os.read(self._descriptor, 1 << 16):
            self.data += data


@contextmanager
def valve() -> Iterator[tuple[Valve, Reader]]:
    """A valve and who reads it, which has read everything when the block has ended."""
    reading, writing = os.pipe()
    outlet = Outlet(writing)
    found = Valve(outlet)
    os.close(writing)
    reader = Reader(reading)
    try:
        yield found, reader
    finally:  # also of a test that fails: its thread must not write where another's pipe is next
        if not reader.ident:
            reader.start()
        found.finish()
        os.close(outlet.descriptor)
        reader.join()
        os.close(reading)


def test_lines_of_many_threads_are_whole() -> None:
    def write(number: int) -> None:
        for _ in range(200):
            found.write(b"%d" % number * 9_999 + b"\n")

    with valve() as (found, reader):
        reader.start()
        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert Counter(bytes(reader.data).splitlines()) == {b"%d" % number * 9_999: 200 for number in range(4)}


def test_a_fork_writes_nothing_of_its_parent() -> None:
    with valve() as (found, reader):
        os.register_at_fork(after_in_child=found.begin_anew)
        found.write(b"x" * 99_999 + b"\n")  # more than the pipe holds
        pid = os.fork()
        if pid == 0:
            found.write(b"child\n")
            os._exit(0)
        reader.start()
        assert os.waitpid(pid, 0)[1] == 0
    assert reader.data.count(b"x") == 99_999
