"""Settings of the kernel that a kubelet changes for the whole machine when it starts, and that are put back at once.

Nothing here needs them, and everything else on the machine would feel them: with memory promised without a limit, a
program that asks for too much is not refused it any more, and something is killed instead.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_SETTINGS: Final = (
    *("vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops"),
    *("kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes"),
)


@contextmanager
def kept() -> Iterator[None]:
    """Put back what the block changes."""
    files = [Path("/proc/sys", name) for name in _SETTINGS]
    before = {file: file.read_text() for file in files if file.exists()}
    try:
        yield
    finally:
        for file, value in before.items():
            if file.read_text() != value:
                file.write_text(value)
