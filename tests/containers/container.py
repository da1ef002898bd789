"""A container of an image: its process 1, spoken to over its ports on this machine's loopback."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.containers.confinement import run_in
from tests.containers.image import Image
from tests.serving import START_S, Process, until_ready

LOOPBACK = {"INFERGRAPH_HOST": "127.0.0.1"}
"""A container here shares the network of the machine; in the image the address is 0.0.0.0."""


class Container(Process):
    """What runs, and what it said so far."""

    def __init__(self, command: list[str]) -> None:
        self._start(command, {})

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send the signal to process 1 of the container, as a runtime does: the exit code."""
        os.kill(self.first, number)
        return self.wait()

    @property
    def first(self) -> int:
        """Its process 1, as the machine numbers it."""
        outer = self.process.pid
        return int(Path(f"/proc/{outer}/task/{outer}/children").read_text())


def command_of(
    image: Image,
    arguments: Sequence[str] = (),
    *,
    env: Mapping[str, str] | None = None,
    mounts: Mapping[str, Path] | None = None,
    entrypoint: Sequence[str] | None = None,
) -> list[str]:
    """How to start an image: ``arguments`` replace its CMD, as the args of a pod do."""
    program = image.entrypoint if entrypoint is None else entrypoint
    return run_in(
        image.root,
        [*program, *(arguments or image.cmd)],
        env={**image.env, **LOOPBACK, **(env or {})},
        workdir=image.workdir,
        mounts=mounts or {},
        user=int(image.user),
    )


@contextmanager
def container(
    image: Image,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    mounts: Mapping[str, Path] | None = None,
) -> Iterator[Container]:
    """A container that is ready, ended with the block whatever happens."""
    with until_ready(Container(command_of(image, arguments, env=env, mounts=mounts))) as started:
        yield started


def output(
    image: Image, *command: str, entrypoint: Sequence[str] | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What a container that ends by itself writes."""
    line = command_of(image, command, env=env, entrypoint=entrypoint)
    return subprocess.run(line, capture_output=True, text=True, timeout=START_S, check=False)
