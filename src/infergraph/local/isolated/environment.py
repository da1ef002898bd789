"""Virtual environments for components that bring a ``requirements.txt``, kept for the next time.

    <key>/          the environment; its file `ready` says that it is whole
    <key>.lock      who makes it holds it alone, who uses it together with others

They are in `environments` below ``INFERGRAPH_CACHE_DIR``, or in ``~/.cache/infergraph``. One that nobody has used for a
month goes when another is made.
"""

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from infergraph.artifacts.cache import FOLDER_VARIABLE
from infergraph.artifacts.lock import Lock
from infergraph.artifacts.wall_clock import now_s
from infergraph.errors import LoadError
from infergraph.local.in_thread import in_daemon_thread
from infergraph.local.isolated.command import Command
from infergraph.local.isolated.own_package import OwnPackage
from infergraph.local.isolated.requirements import key_of
from infergraph.local.isolated.unit import IsolatedUnit

log = structlog.get_logger("infergraph.load")

READY = "ready"
UNUSED_S = 30 * 24 * 3600
LAST_LINES = 8
SHOW_S = 1.0
"""How often it is told how far the packages are."""


class Environment:
    """An environment that is whole, and stays as long as this object."""

    def __init__(self, folder: Path, lock: Lock) -> None:
        self.folder = folder
        self._lock = lock

    @property
    def python(self) -> Path:
        return self.folder / "bin/python"

    def variables(self) -> dict[str, str | None]:
        """What a process in it is told; None for what it must not hear of ours."""
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {"VIRTUAL_ENV": str(self.folder), "PATH": path, "PYTHONHOME": None, "PYTHONPATH": None}


async def environment_of(unit: IsolatedUnit) -> Environment | None:
    """The environment of a unit, made now where it is not there; None when it has no ``requirements.txt``.

    :raises LoadError: when it cannot be made; the message has the last words of what installs the packages.
    """
    if unit.requirements is None:
        return None
    own = OwnPackage()
    folder = environments() / key_of(unit.requirements, own.identity)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = await in_daemon_thread(lambda: Lock(_lock_of(folder), is_shared=True))
        if not (folder / READY).exists():
            lock.close()
            lock = await in_daemon_thread(lambda: Lock(_lock_of(folder)))
    except OSError as error:
        raise LoadError(
            f"unit `{unit.name}`: no environment for its packages can be made in {folder.parent}: {error.strerror}; "
            f"{FOLDER_VARIABLE} names another folder"
        ) from error
    if not (folder / READY).exists():  # or another was faster
        await _make(folder, unit, own)
        _remove_unused(folder)
    os.utime(folder / READY)
    lock.share()
    return Environment(folder, lock)


def environments() -> Path:
    """The folder that they are in."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get(FOLDER_VARIABLE) or f"{base}/infergraph").expanduser().absolute() / "environments"


async def _make(folder: Path, unit: IsolatedUnit, own: OwnPackage) -> None:
    uv = shutil.which("uv")
    requirements = unit.requirements
    assert requirements is not None  # noqa: S101 - who calls has looked
    clock = asyncio.get_running_loop().time
    began_s = clock()
    log.info("environment_making", **unit.fields, requirements=str(requirements), installer="uv" if uv else "pip")
    shutil.rmtree(folder, ignore_errors=True)
    await _done(_maker(folder, uv, unit), unit, "make an environment for its packages")
    with tempfile.TemporaryDirectory(prefix="infergraph-") as wheels:
        wheel = own.write(Path(wheels))
        installing = [*_installer(folder, uv), "-r", str(requirements), str(wheel)]
        await _done(installing, unit, f"install {requirements}")
    (folder / READY).touch()
    log.info("environment_made", **unit.fields, folder=str(folder), seconds=round(clock() - began_s, 1))


def _maker(folder: Path, uv: str | None, unit: IsolatedUnit) -> list[str]:
    if uv:
        return [uv, "venv", "--python", unit.python or sys.executable, str(folder)]
    return [_interpreter(unit), "-m", "venv", str(folder)]


def _interpreter(unit: IsolatedUnit) -> str:
    """The Python that makes it: ours, unless the packages are older. :raises LoadError: when that is not here."""
    if unit.python is None:
        return sys.executable
    name = f"python{unit.python}"
    if found := shutil.which(name):
        return found
    raise LoadError(
        f"unit `{unit.name}`: its packages need Python {unit.python}, and there is no {name} here; install it, or uv, "
        "which finds or installs it"
    )


def _installer(folder: Path, uv: str | None) -> list[str]:
    python = str(folder / "bin/python")
    if uv:
        return [uv, "pip", "install", "--python", python]
    return [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]


async def _done(arguments: Sequence[str], unit: IsolatedUnit, what: str) -> None:
    """Run a command to its end. :raises LoadError: when it does not end well."""
    last: deque[str] = deque(maxlen=LAST_LINES)
    code = await Command(arguments, folder=unit.folder).run(_noting(last, unit))
    if code:
        said = "".join(f"\n    {line}" for line in last)
        raise LoadError(
            f"unit `{unit.name}`: cannot {what}, which ended with exit code {code} after{said}\n"
            f"  Mend {unit.requirements}; or take it away, and install what it names where infergraph is installed"
        )


def _noting(last: deque[str], unit: IsolatedUnit) -> Callable[[str], None]:
    clock, told_s = asyncio.get_running_loop().time, -SHOW_S

    def note(line: str) -> None:
        nonlocal told_s
        last.append(line)
        if clock() - told_s >= SHOW_S:
            told_s = clock()
            log.info("environment_progress", **unit.fields, line=line.strip())

    return note


def _lock_of(folder: Path) -> Path:
    return folder.with_suffix(".lock")


def _remove_unused(kept: Path) -> None:
    for ready in kept.parent.glob(f"*/{READY}"):
        folder = ready.parent
        if folder == kept or now_s() - ready.stat().st_mtime < UNUSED_S:
            continue
        with contextlib.suppress(BlockingIOError):  # it is in use
            lock = Lock(_lock_of(folder), waits=False)
            shutil.rmtree(folder, ignore_errors=True)
            _lock_of(folder).unlink(missing_ok=True)
            lock.close()
