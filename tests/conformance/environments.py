"""Virtual environments for clients that do not go with ours: made by the tests, once, and kept in the checkout.

An environment's folder is named by what it holds and by the Python that made it. It is made under a lock, so that
several test runs can want it at the same time, and made again when it is only half there.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.serving import ROOT

FOLDER = ROOT / ".conformance"
READY = "ready"
PROBE = "iniconfig"  # small, and every index that has pytest has it
CALL_S = 300  # a machine may be busy; what is run here bounds itself


class OutOfReach(Exception):
    """Raised when the package index does not answer: nothing can be installed now."""


@dataclass(frozen=True)
class Environment:
    """What is installed, and where. Packages that are ``alone`` come without their dependencies.

    ``newest`` is the newest Python that old packages know; where the tests run on a newer one, it is looked for.
    """

    name: str
    requirements: tuple[str, ...]
    alone: tuple[str, ...] = ()
    newest: tuple[int, int] | None = None
    parent: Path = FOLDER

    @property
    def folder(self) -> Path:
        held = (str(self.parent), sys.base_prefix, sys.version, self.requirements, self.alone, self.newest)
        return self.parent / f"{self.name}-{hashlib.sha256(repr(held).encode()).hexdigest()[:12]}"

    @property
    def python(self) -> Path:
        return self.folder / "bin/python"

    def run(self, program: str, *arguments: str | Path, stdin: str = "") -> str:
        """What a program of the environment, such as ``python``, writes to stdout. It must end well."""
        command = [str(self.folder / "bin" / program), *map(str, arguments)]
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=CALL_S,
            check=False,
            cwd=self.folder,  # where programs may leave what they like
            env=_plain(),
        )
        assert done.returncode == 0, f"{program} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        text: str = done.stdout
        return text


def make(environment: Environment, say: Callable[[str], None]) -> None:
    """Make it, unless it is there.

    :raises OutOfReach: when it cannot be made because the package index does not answer.
    :raises RuntimeError: when it cannot be made for any other reason.
    """
    environment.parent.mkdir(exist_ok=True)
    with _locked(environment.parent / f"{environment.folder.name}.lock"):
        if (environment.folder / READY).exists():
            return
        began = time.monotonic()
        listed = ", ".join((*environment.requirements, *environment.alone))
        say(f"Making an environment with {listed} in {environment.folder}; this may take minutes")
        shutil.rmtree(environment.folder, ignore_errors=True)
        _make(environment)
        (environment.folder / READY).touch()
        say(f"Made it in {time.monotonic() - began:.0f} s; the next run finds it there")


def _make(environment: Environment) -> None:
    uv = shutil.which("uv")
    interpreter = _interpreter(environment)
    maker = [uv, "venv", "--quiet", "--python", interpreter] if uv else [interpreter, "-m", "venv"]
    done = _done([*maker, str(environment.folder)])
    if done.returncode:
        raise RuntimeError(_told(done))
    installer = _installer(environment.python, uv)
    for flags, packages in (([], environment.requirements), (["--no-deps"], environment.alone)):
        done = _done([*installer, *flags, *packages]) if packages else done
        if done.returncode:
            raise RuntimeError(_told(done)) if _is_index_there(installer, uv) else OutOfReach(_told(done))


def _interpreter(environment: Environment) -> str:
    """The Python that makes it: ours, unless that is too new."""
    if environment.newest is None or sys.version_info[:2] <= environment.newest:
        return sys.executable
    name = "python{}.{}".format(*environment.newest)
    if found := shutil.which(name):
        return found
    raise RuntimeError(
        f"{', '.join(environment.requirements)} can be installed with Python up to {name} only, and this is Python "
        f"{sys.version.split()[0]}; install {name} where PATH finds it, or run the tests with it: make PYTHON={name}"
    )


def _installer(python: Path, uv: str | None) -> list[str]:
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", str(python)]
    # Compiling every file takes longer than the tests that import a few of them.
    return [str(python), "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"]


def _is_index_there(installer: list[str], uv: str | None) -> bool:
    """Whether the index offers a package that it must have, asked anew."""
    fresh = ["--reinstall", "--no-cache"] if uv else ["--ignore-installed", "--no-cache-dir"]
    return _done([*installer, "--dry-run", "--no-deps", *fresh, PROBE]).returncode == 0


def _done(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, env=_plain())


def _told(done: subprocess.CompletedProcess[str]) -> str:
    return f"{' '.join(done.args)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"


def _plain() -> dict[str, str]:
    """Our variables without those that lead Python into another environment."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Alone among the processes that lock this file; the lock goes with its holder, however that ends."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
