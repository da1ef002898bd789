"""A command that does its work and ends."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from infergraph.local.isolated.lines import LinePipe

_NOT_ITS_OWN = frozenset({"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"})


class Command:
    """``arguments`` run in ``folder``, and what they say. Everything that it started ends with it."""

    def __init__(self, arguments: Sequence[str], *, folder: Path) -> None:
        self._arguments = arguments
        self._folder = folder

    async def run(self, note: Callable[[str], None]) -> int:
        """Its exit code. ``note`` gets every line; when this is cancelled, the command ends too."""
        output = LinePipe()
        process = await asyncio.create_subprocess_exec(
            *self._arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output.descriptor,
            stderr=output.descriptor,
            cwd=self._folder,
            env={name: value for name, value in os.environ.items() if name not in _NOT_ITS_OWN},
            start_new_session=True,
        )
        output.close_descriptor()
        try:
            await output.read(note)
            return await process.wait()
        finally:
            kill_group(process.pid)
            await process.wait()


def kill_group(leader: int) -> None:
    """End whatever is left of the processes that one has started, and it itself."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
