"""One process of a unit's microservice."""

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from infergraph.graph.remote.http_transport import dial
from infergraph.local.isolated.command import kill_group
from infergraph.local.isolated.lines import LinePipe
from infergraph.local.isolated.output import Output
from infergraph.local.isolated.unit import HOST
from infergraph.local.monitor import look_s

LOOK_S = 0.05
DIAL_S = 1.0
END_S = 10.0
"""How long it may take to end: nobody asks it any more then, but a call whose caller has left may still run."""
LAST_WORDS_S = 1.0
LAST_LINES = 8
OWN_WORDS = "infergraph: "
"""What a microservice says on stderr when it cannot start begins so."""


class IsolatedProcess:
    """A process that listens on ``port`` once it is ready. `attend` has to run as long as it does."""

    def __init__(self, process: asyncio.subprocess.Process, pipes: "Pipes", port: int, output: Output) -> None:
        self.pid = process.pid
        self._process = process
        self._pipes = pipes
        self._port = port
        self._output = output
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._ended = asyncio.Event()

    async def attend(self) -> None:
        """Until it has ended, and everything that it has started: listen to what they say."""
        pipes = self._pipes
        listening = (pipes.out.read(self._output.note), pipes.err.read(self._note_error))
        reading = [asyncio.create_task(one) for one in listening]
        try:
            await self._process.wait()
            kill_group(self.pid)
            await asyncio.wait(reading, timeout=LAST_WORDS_S)
        finally:
            kill_group(self.pid)
            os.close(pipes.leash)
            for task in reading:
                task.cancel()
            await asyncio.wait(reading)
            self._ended.set()

    async def is_ready(self) -> bool:
        """Wait until it accepts connections; False when it has ended before."""
        while not self._ended.is_set():
            if await dial(HOST, self._port, DIAL_S):
                return True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), LOOK_S)
        return False

    async def silent(self, heartbeat_s: float) -> None:
        """Until it has not said for so long whether it lives: its event loop hangs."""
        while True:
            await asyncio.sleep(look_s(heartbeat_s))
            try:
                async with asyncio.timeout(heartbeat_s):
                    await _ask_whether_it_lives(self._port)
            except TimeoutError:
                return

    async def ended(self) -> None:
        """Until `attend` is done."""
        await self._ended.wait()

    async def end(self) -> None:
        """Let it finish what it has, and end."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._ended.wait(), END_S)
        except TimeoutError:
            self.kill()
            await self._ended.wait()

    def kill(self) -> None:
        """End it now, and everything that it has started."""
        if not self._ended.is_set():
            kill_group(self.pid)

    @property
    def why_ended(self) -> str:
        """How it ended: the name of the signal, or its exit code."""
        code = self._process.returncode or 0
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    @property
    def is_killed(self) -> bool:
        """Whether a signal has ended it, which may be chance: the next one may live."""
        return (self._process.returncode or 0) < 0

    def failure(self, unit: str) -> str:
        """Why it cannot start, in its own words where it has said them."""
        for index, line in enumerate(self._last):
            if line.startswith(OWN_WORDS):
                return "\n".join([line.removeprefix(OWN_WORDS), *list(self._last)[index + 1 :]])
        said = "".join(f"\n    {line}" for line in self._last)
        return f"unit `{unit}`: its process ended with {self.why_ended} before it was ready" + (
            f", after saying{said}" if said else ", and said nothing"
        )

    def _note_error(self, line: str) -> None:
        self._last.append(line)
        self._output.note(line)


class Pipes:
    """Those of a process, of which it has the other ends: what it says, and what it sees end when we are gone.

    :raises OSError: when no descriptors are left.
    """

    def __init__(self) -> None:
        self.out, self.err = LinePipe(), LinePipe()
        self.theirs, self.leash = os.pipe()

    def are_theirs(self) -> None:
        """Close the other ends here."""
        os.close(self.theirs)
        for one in (self.out, self.err):
            one.close_descriptor()


async def _ask_whether_it_lives(port: int) -> None:
    """Any word is an answer, and so is nobody there: then the process is about to end, or to be heard of otherwise."""
    with contextlib.suppress(OSError):
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            writer.write(b"GET /live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            await reader.read(1)
        finally:
            writer.close()


async def start(
    arguments: Sequence[str],
    variables: Mapping[str, str | None],
    *,
    python: Path | None,
    folder: Path,
    port: int,
    output: Output,
) -> IsolatedProcess:
    """Start ``infergraph ARGUMENTS`` with a Python, ours where none is said. It ends when this process does.

    It has a process group of its own: Ctrl-C is for who started everything to hear.

    :raises OSError: when the system grants no process, or there is no such folder.
    """
    environment = {**os.environ, **variables, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    pipes = Pipes()
    try:
        process = await asyncio.create_subprocess_exec(
            *(str(python or sys.executable), "-P", "-m", "infergraph", *arguments),
            stdin=pipes.theirs,
            stdout=pipes.out.descriptor,
            stderr=pipes.err.descriptor,
            cwd=folder,
            env={name: value for name, value in environment.items() if value is not None},
            start_new_session=True,
        )
    except BaseException:
        os.close(pipes.leash)
        raise
    finally:
        pipes.are_theirs()
    return IsolatedProcess(process, pipes, port, output)
