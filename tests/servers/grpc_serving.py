"""A real gRPC server on a thread of its own, over a graph of one function."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import uvloop

from infergraph.components import Component
from infergraph.declaration import inspect_text
from infergraph.graph.context import Context
from infergraph.graph.step import Executable
from infergraph.payloads import Feedback, Payload
from infergraph.servers.grpc_server import GrpcServer, GrpcServerKind
from infergraph.servers.grpc_target import GrpcTarget
from infergraph.servers.limits import Limits
from infergraph.servers.served import Served

MANIFEST = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: %s, namespace: %s}
spec: {predictors: [{name: default, graph: {name: model, implementation: SIMPLE_MODEL}}]}
"""
KIND = GrpcServerKind.AIO
"""What is tested; the fixture `each_grpc_server` sets it."""
Step = Callable[[Payload, Context], Awaitable[Payload]]


async def same(payload: Payload, _: Context) -> Payload:
    return payload


async def nothing(_: Feedback, __: Context) -> None:
    return None


class Named:
    """Stands in the graph to be asked what it is."""

    def predict(self, X: Any, names: list[str]) -> Any:
        return X


def target(
    predict: Step | None = same,
    *,
    name: str = "one",
    namespace: str = "default",
    timeout_s: float | None = None,
    message_bytes: int = 2**20,
) -> GrpcTarget:
    """A deployment whose graph is a function; one that is still loading when there is none."""
    text = MANIFEST % (name, namespace)
    served = Served(inspect_text(text, file="one.yaml").manifests[0].deployment, Limits(json_depth=5))
    if predict is not None:
        served.start(Executable(predict, nothing), {"default": {"model": Component("model", Named(), image="img:1")}})
    return GrpcTarget(served, message_bytes=message_bytes, timeout_s=timeout_s)


def refusals_of_metadata(kind: GrpcServerKind) -> set[grpc.StatusCode]:
    """How metadata over the limit may be refused.

    The native front answers HTTP's 431, which clients read as UNKNOWN, and closes the connection when they are many
    frames.
    """
    if kind is GrpcServerKind.NATIVE:
        return {grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE}
    return {grpc.StatusCode.RESOURCE_EXHAUSTED}


class GrpcServing:
    """A server that runs, and the loop that it runs in."""

    def __init__(self, targets: tuple[GrpcTarget, ...], limits: Limits, *, is_ready: bool) -> None:
        self.address = ""
        self.loop = uvloop.new_event_loop()
        self._targets = targets
        self._limits = limits
        self._is_ready = is_ready
        self._has_started = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.server: GrpcServer | None = None

    def start(self) -> None:
        self._thread.start()
        assert self._has_started.wait(20)

    def drain(self) -> None:
        """Go down as on SIGTERM."""
        assert self.server is not None
        self.loop.call_soon_threadsafe(self.server.drain)

    def stop(self) -> None:
        """Go down as on a second SIGTERM; returns when nothing is left."""
        if self.server is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.server.stop)
        self._thread.join()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            self.loop.run_until_complete(self._serve())
        finally:
            self.loop.close()

    async def _serve(self) -> None:
        try:
            self.server = GrpcServer(self._targets, self._limits, kind=KIND)
            self.address = await self.server.start("127.0.0.1", 0)
            if self._is_ready:
                await self.server.set_ready()
        finally:
            self._has_started.set()
        await self.server.serve()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not [task for task in left if "infergraph" in str(task.get_coro())]


@contextmanager
def grpc_serving(
    *targets: GrpcTarget, limits: Limits | None = None, is_ready: bool = True
) -> Iterator[tuple[GrpcServing, grpc.Channel]]:
    """A server for one test with a channel to it; both are gone at its end."""
    running = GrpcServing(targets or (target(),), limits or Limits(drain_grace_s=0.05), is_ready=is_ready)
    try:
        running.start()
        with grpc.insecure_channel(running.address) as channel:
            yield running, channel
    finally:
        running.stop()
