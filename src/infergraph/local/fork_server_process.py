"""A fork server, and the workers that it forks, as their supervisor sees them."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from infergraph.errors import LoadError
from infergraph.local.channel import decoded, encoder
from infergraph.local.cores import ONE_THREAD
from infergraph.local.fork_messages import (
    Fork,
    Forked,
    Loaded,
    LoadFailed,
    LoadLog,
    NoFork,
    OfForkServer,
    Preload,
    Reap,
    Reaped,
    StopListening,
    Unshared,
)

MESSAGE_BYTES = 1 << 18
LOST_EXIT_CODE = 1
"""What is said of a worker whose fork server has ended before it: only a parent hears how a process ended."""


class CannotShare(Exception):
    """Raised when what was loaded does not survive a fork; the message says why."""


class ForkServerProcess:
    """A fork server: `load` has to end before anything else is asked of it."""

    def __init__(self, preload: Preload, listeners: Sequence[int], show: Callable[[Mapping[str, Any]], None]) -> None:
        self._preload = preload
        self._listeners = listeners
        self._show = show
        self._process: asyncio.subprocess.Process | None = None
        self._asking = asyncio.Lock()
        self._decoder = msgspec.msgpack.Decoder(OfForkServer, dec_hook=decoded)
        self._is_leaving = False
        self.is_loaded = False

    @property
    def pid(self) -> int:
        assert self._process is not None  # noqa: S101 - `load` has ended
        return self._process.pid

    @property
    def is_gone(self) -> bool:
        """Whether it has ended."""
        return self._process is not None and self._process.returncode is not None

    async def load(self) -> None:
        """Start it, and let it load.

        :raises OSError: when the system grants no process.
        :raises LoadError: when something does not load.
        :raises CannotShare: when a fork would not have all that was loaded.
        """
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.setblocking(False)  # noqa: FBT003 - the standard library's way
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "infergraph.local.fork_server", *map(str, (theirs.fileno(), *self._listeners))),
                stdin=asyncio.subprocess.PIPE,
                pass_fds=(theirs.fileno(), *self._listeners),
                env={**os.environ, **self._preload.threads, **ONE_THREAD},
            )
        if self._is_leaving:
            self.leave()
        await self._write_plan(self._process)
        await self._listen_to_loading(self._process)

    async def fork(self, control: int, dump: int) -> "ForkedProcess":
        """Another worker, with these two descriptors.

        :raises OSError: when the system grants none, or the fork server has ended.
        """
        answer = await self._ask(Fork(), [control, dump])
        match answer:
            case Forked(pid):
                return ForkedProcess(pid, self)
            case NoFork(reason):
                raise OSError(reason)
            case _:
                raise ConnectionError("the fork server has ended")

    async def reap(self, pid: int) -> int:
        """The exit code of a worker that has ended."""
        match await self._ask(Reap(pid)):
            case Reaped(exit_code):
                return exit_code
            case _:
                return LOST_EXIT_CODE

    def leave(self) -> None:
        """No more workers are wanted. One that loads is ended."""
        self._is_leaving = True
        if self.is_loaded:
            with contextlib.suppress(OSError):
                self._control.send(encoder.encode(StopListening()))
        else:
            self._kill()

    async def end(self) -> None:
        """End it, once its workers have ended."""
        if self._process is not None:
            self._kill()
            await self._process.wait()
            self._control.close()

    async def _write_plan(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None  # noqa: S101 - asked for above
        with contextlib.suppress(OSError):  # it has ended already, which is seen next
            process.stdin.write(encoder.encode(self._preload))
            await process.stdin.drain()
        process.stdin.close()

    async def _listen_to_loading(self, process: asyncio.subprocess.Process) -> None:
        while True:
            match await self._received():
                case LoadLog(event):
                    self._show(event)
                case Loaded():
                    self.is_loaded = True
                    return
                case Unshared(reason):
                    raise CannotShare(reason)
                case LoadFailed(sentence):
                    raise LoadError(sentence)
                case _:
                    code = await process.wait()
                    raise LoadError(f"the process that loads for all workers ended with {_why(code)}")

    async def _ask(self, message: Any, descriptors: Sequence[int] = ()) -> OfForkServer | None:
        async with self._asking:
            try:
                socket.send_fds(self._control, [encoder.encode(message)], descriptors)
            except OSError:
                return None
            return await self._received()

    async def _received(self) -> OfForkServer | None:
        """The next message; None when it has ended."""
        try:
            data = await asyncio.get_running_loop().sock_recv(self._control, MESSAGE_BYTES)
        except OSError:
            return None
        return self._decoder.decode(data) if data else None

    def _kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


class ForkedProcess:
    """A worker that a fork server has forked. Its number stays its own until it is reaped."""

    def __init__(self, pid: int, server: ForkServerProcess) -> None:
        self.pid = pid
        self._server = server
        self._descriptor: int | None = os.pidfd_open(pid)

    async def wait(self) -> int:
        """Until it has ended: its exit code. To be called once."""
        assert self._descriptor is not None  # noqa: S101 - called once
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_reader(self._descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None
        return await self._server.reap(self.pid)

    def kill(self) -> None:
        """:raises ProcessLookupError: when it has ended."""
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        """:raises ProcessLookupError: when it has ended."""
        if self._descriptor is None:
            raise ProcessLookupError
        signal.pidfd_send_signal(self._descriptor, number)


def _why(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
