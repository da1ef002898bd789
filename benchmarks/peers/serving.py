"""A server that runs while it is measured, on ports that were free."""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers.asking import WrongAnswer, ask, check, expected, question
from benchmarks.peers.environment import folder, models
from benchmarks.peers.processes import started
from benchmarks.peers.server import APPS, FOLDER, Server
from tests.ports import free_ports

START_S = 60
LOGS = FOLDER / "logs"


class DidNotStart(Exception):
    """Raised when a server gives no right answer in time."""


class Serving(NamedTuple):
    """A server that answers."""

    ports: Mapping[str, str]
    start_s: float  # until its first right answer
    tmp: Path
    processes: Sequence["subprocess.Popen[bytes]"]

    @property
    def codes(self) -> list[int]:
        """Exit codes of those that have ended by themselves."""
        return [process.returncode for process in self.processes if process.poll() is not None]


@contextmanager
def serving(server: Server) -> Iterator[Serving]:
    """Start a server, and wait for its first right answer. It is gone when the block ends.

    :raises DidNotStart: with the end of its log.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{server.name.replace(' ', '-')}.log"
    log.unlink(missing_ok=True)
    with ExitStack() as stack:
        tmp = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="peer", ignore_cleanup_errors=True)))
        commands = " ".join(word for command in server.commands for word in command)
        ports = _free_ports(set(re.findall(r"\{((?:http|grpc|metrics)\d?)\}", f"{commands} {server.files}")))
        places = {"bin": folder(server.environment), "apps": APPS, "models": models(server.environment), "tmp": tmp}
        words = {**ports, **{name: str(place) for name, place in places.items()}}
        _write_files(server, tmp, words)
        began = time.monotonic()
        processes = stack.enter_context(
            started(
                [[fill(word, words) for word in command] for command in server.commands],
                folder=tmp,
                env=_environment(server, words),
                log=log,
            )
        )
        _wait(server, ports, lambda: any(process.poll() is not None for process in processes), log)
        yield Serving(ports, time.monotonic() - began, tmp, processes)


def fill(text: str, words: Mapping[str, str]) -> str:
    """A text with its {words} replaced. Other braces stay, which JSON is full of."""
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _free_ports(names: set[str]) -> dict[str, str]:
    return dict(zip(sorted(names), map(str, free_ports(len(names))), strict=True))


def _write_files(server: Server, tmp: Path, words: Mapping[str, str]) -> None:
    for name, text in server.files.items():
        file = tmp / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(fill(text, words))


def _environment(server: Server, words: Mapping[str, str]) -> dict[str, str]:
    """The variables of a server: its own programs are found first, and what it leaves lies in its own folder."""
    path = f"{words['bin']}{os.pathsep}{os.environ['PATH']}"
    own = {name: fill(value, words) for name, value in server.env.items()}
    return {**os.environ, "PATH": path, "TMPDIR": words["tmp"], "PYTHONUNBUFFERED": "1", **own}


def _wait(server: Server, ports: Mapping[str, str], has_ended: Callable[[], bool], log: Path) -> None:
    target = server.targets[0]
    asked = question(target.case, 1)
    request, right = target.form.write(asked), expected(target.case, asked)
    end, reason = time.monotonic() + START_S, "nothing"
    while time.monotonic() < end:
        try:
            check(target, ask(target, int(ports[target.port]), request), right)
        except WrongAnswer as error:
            reason = str(error)
        else:
            return
        if has_ended():
            break
        time.sleep(0.02)
    raise DidNotStart(f"no right answer, the last: {reason[:200]}; its log ends {log.read_text()[-400:]!r}")
