"""Where a running supervisor can be told to reload: a Unix socket in a folder that only its user can enter."""

import asyncio
import contextlib
import os
import socket
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import msgspec
import structlog

from infergraph.errors import SetupError

log = structlog.get_logger("infergraph.workers")

RELOAD = b"reload\n"
SUFFIX = ".sock"
LAST_WORDS_S = 0.1
TURNS = 5
"""Turns of the event loop from a connection to the task that answers it, and some to spare."""


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of a reload: the new generation and how long it took, or why the old one goes on."""

    generation: int | None = None
    seconds: float | None = None
    error: str | None = None


class ControlSocket:
    """The socket of one supervisor, named for its address. Without a folder for it, a warning, and SIGHUP is left."""

    def __init__(self, url: str, reload: Callable[[], "asyncio.Task[Outcome]"]) -> None:
        self._name = url.partition("://")[2] + SUFFIX
        self._reload = reload
        self._path: Path | None = None
        self._server: asyncio.Server | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> None:
        try:
            self._path = runtime_folder() / self._name
            self._path.unlink(missing_ok=True)  # of one that was killed: its port is ours now
            self._server = await asyncio.start_unix_server(self._greet, self._path)
        except (OSError, SetupError) as error:
            log.warning("reload_by_signal_only", error=str(error), signal="SIGHUP", pid=os.getpid())

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._path is not None:
            self._path.unlink(missing_ok=True)
            for _ in range(TURNS):
                await asyncio.sleep(0)  # who is just being let in
            self._server.close()
        if self._answering:
            await asyncio.wait(self._answering, timeout=LAST_WORDS_S)

    def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._answer(reader, writer))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            if await reader.readline() == RELOAD:
                writer.write(msgspec.json.encode(await asyncio.shield(self._reload())) + b"\n")
                await writer.drain()
            writer.close()
            await writer.wait_closed()


def reload(port: int | None) -> tuple[str, Outcome]:
    """Tell the supervisor on a port, or the only one of this user, to reload. Returns its address and what came of it.

    :raises SetupError: when there is none, or several and no port is given.
    """
    found = {path.name.removesuffix(SUFFIX): path for path in sorted(runtime_folder().glob(f"*{SUFFIX}"))}
    connections = {address: opened for address, path in found.items() if (opened := _connected(path)) is not None}
    try:
        chosen = [address for address in connections if port is None or address.endswith(f":{port}")]
        if len(chosen) != 1:
            raise SetupError(_not_one(list(connections), chosen, port))
        return chosen[0], _asked(connections[chosen[0]], chosen[0])
    finally:
        for connection in connections.values():
            connection.close()


def runtime_folder() -> Path:
    """The folder of control sockets, made when it is not there.

    :raises SetupError: when it cannot be made, belongs to somebody else, or others may enter it.
    """
    try:
        parent = os.environ.get("XDG_RUNTIME_DIR")
        folder = Path(parent) / "infergraph" if parent else Path(tempfile.gettempdir()) / f"infergraph-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise SetupError(f"there is no folder for control sockets, and none can be made: {error}") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise SetupError(f"{folder}: expected a folder of this user that nobody else may enter; remove it")
    return folder


def _connected(path: Path) -> socket.socket | None:
    """None when nobody is there any more."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        return None
    return connection


def _not_one(running: list[str], chosen: list[str], port: int | None) -> str:
    if not running:
        return "nothing runs here that can be reloaded; `infergraph run` with --workers or --watch can"
    if not chosen:
        return f"nothing on port {port} can be reloaded; what can: {', '.join(running)}"
    return f"several run here ({', '.join(chosen)}); choose one with --port"


def _asked(connection: socket.socket, address: str) -> Outcome:
    connection.sendall(RELOAD)
    with connection.makefile("rb") as answers:
        line = answers.readline()
    if not line:
        raise SetupError(f"the server on {address} went down before it had reloaded")
    return msgspec.json.decode(line, type=Outcome)
