"""A command that does its work and ends."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from infergraph.local.isolated.lines import lines_of

_NOT_ITS_OWN = frozenset({"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"})


class Command:
    """``arguments`` run in ``folder``, and what they say. Everything that it started ends with it."""

    def __init__(self, arguments: Sequence[str], *, folder: Path) -> None:
        self._arguments = arguments
        self._folder = folder

    async def run(self, note: Callable[[str], None]) -> int:
        """Its exit code. ``note`` gets every line; when this is cancelled, the command ends too."""
        process = await asyncio.create_subprocess_exec(
            *self._arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self._folder,
            env={name: value for name, value in os.environ.items() if name not in _NOT_ITS_OWN},
            start_new_session=True,
        )
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            async for line in lines_of(process.stdout):
                note(line)
            return await process.wait()
        finally:
            kill_group(process.pid)
            await process.wait()


def kill_group(leader: int) -> None:
    """End whatever is left of the processes that one has started, and it itself."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
