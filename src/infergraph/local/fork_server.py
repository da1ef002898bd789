"""The fork server: a process that loads the models once, and is forked for each worker of its generation.

It runs no event loop and no thread of ours, and serves nothing itself: what it holds, its forks share page by page
until one of them writes there.
"""

import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import msgspec

from infergraph.components import forked
from infergraph.errors import SetupError
from infergraph.graph.load import Preloads, preload_deployment
from infergraph.local.channel import decoded, encoder
from infergraph.local.cores import adopt_threads
from infergraph.local.deployments import addresses_of, defaulted_manifest, sources_of
from infergraph.local.fork_messages import (
    Fork,
    Forked,
    Loaded,
    LoadFailed,
    LoadLog,
    NoFork,
    Preload,
    Reap,
    Reaped,
    StopListening,
    ToForkServer,
    Unshared,
)
from infergraph.local.unshared import Surroundings
from infergraph.local.worker import serve
from infergraph.telemetry.logs import configure_logs

MESSAGE_BYTES = 1 << 16
NOT_ITS_OWN = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What tells everybody to go: it has to stay until the workers that are its children have ended."""


class ForkServer:
    """The life of a fork server, at its end of a pair of sockets; ``listeners`` are what its workers inherit."""

    def __init__(self, control: socket.socket, listeners: Sequence[int]) -> None:
        self._control = control
        self._listeners = list(listeners)

    def load(self, preload: Preload) -> list[Preloads] | None:
        """Load everything; None, once it is said why, when it cannot be, or cannot be shared."""
        before = Surroundings.now()
        try:
            loaded = _preloaded(preload)
        except SetupError as error:
            self._send(LoadFailed(str(error)))
            return None
        if (reason := before.reason_against_a_fork()) is not None:
            self._send(Unshared(reason))
            return None
        gc.collect()
        gc.freeze()  # a look at all objects in a worker would write to the pages of each
        self._send(Loaded())
        return loaded

    def serve(self, loaded: list[Preloads], threads: Mapping[str, str]) -> None:
        """Fork when told to, until the supervisor is gone. In a fork this never returns."""
        decoder = msgspec.msgpack.Decoder(ToForkServer)
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._control, MESSAGE_BYTES, 2)
            if not data:
                return
            match decoder.decode(data):
                case Fork():
                    self._fork(descriptors, loaded, threads)
                case Reap(pid):
                    self._send(Reaped(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))
                case StopListening():
                    self._stop_listening()

    def show(self, event: Mapping[str, Any]) -> None:
        """Send a log event to the supervisor; one too large for it is dropped."""
        with contextlib.suppress(OSError, ValueError, TypeError, OverflowError):
            self._send(LoadLog(event))

    def _fork(self, descriptors: Sequence[int], loaded: list[Preloads], threads: Mapping[str, str]) -> None:
        try:
            pid = os.fork()
        except OSError as error:
            self._send(NoFork(error.strerror or str(error)))
        else:
            if pid == 0:
                self._become_worker(descriptors, loaded, threads)
            self._send(Forked(pid))
        for descriptor in descriptors:
            os.close(descriptor)

    def _become_worker(
        self, descriptors: Sequence[int], loaded: list[Preloads], threads: Mapping[str, str]
    ) -> NoReturn:
        try:
            self._control.close()
            forked.begin_anew()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            adopt_threads(threads)
            _reseed()
            control, dump = descriptors
            serve(control, dump, loaded)
        finally:
            os._exit(1)  # whatever happened: there is one fork server

    def _stop_listening(self) -> None:
        """No more workers come: the port ends with those that are there."""
        for listener in self._listeners:
            os.close(listener)
        self._listeners = []

    def _send(self, message: Any) -> None:
        self._control.send(encoder.encode(message))


def _preloaded(preload: Preload) -> list[Preloads]:
    plan = preload.plan
    return [
        preload_deployment(
            defaulted_manifest(manifest),
            sources_of(plan),
            addresses_of(plan, manifest.deployment),
        )
        for manifest in plan.manifests
    ]


def _reseed() -> None:
    """Python's own generator does so by itself after a fork, numpy's does not: workers would draw the same numbers."""
    if (random := sys.modules.get("numpy.random")) is not None:
        random.seed()


def main() -> None:
    """Of a process that its supervisor starts with the control socket and the listeners; the plan is on its stdin."""
    control, *listeners = map(int, sys.argv[1:])
    for number in NOT_ITS_OWN:
        signal.signal(number, signal.SIG_IGN)
    sys.dont_write_bytecode = True
    preload = msgspec.msgpack.Decoder(Preload, dec_hook=decoded).decode(sys.stdin.buffer.read())
    sys.path[:] = preload.path
    server = ForkServer(socket.socket(fileno=control), listeners)
    configure_logs(show=server.show)
    if (loaded := server.load(preload)) is not None:
        server.serve(loaded, preload.threads)
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(0)  # a thread of a user's code must not keep the process


if __name__ == "__main__":
    main()
