"""The ways in which one chain of three units can run, each behind our engine."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from benchmarks.graph.units import Centimetres, Classifier, Percent
from tests.conformance.corpus.wrappers import Wrapper, ours, upstream
from tests.conformance.environments import Environment
from tests.conformance.test_seldon_client import SELDON
from tests.serving import running

FOLDER = Path(__file__).parent
CHAIN, MODEL = FOLDER / "chain.yaml", FOLDER / "model.yaml"
UNITS = {"percent": Percent, "centimetres": Centimetres, "classifier": Classifier}
NO_BATCHES = ("--batch-rows", "1")
ROWS = [[51.0, 35.0, 14.0, 2.0]]

ALONE, FUSED, REST, GRPC = "the model alone", "fused", "REST", "gRPC"
ALONE_EACH, FUSED_EACH = f"{ALONE}, no batches", f"{FUSED}, no batches"
THEIRS_REST, THEIRS_GRPC = "upstream's, REST", "upstream's, gRPC"

Start = Callable[[str], AbstractContextManager[Wrapper]]
Way = Callable[[], AbstractContextManager[int]]
"""Starts everything; gives the port of the engine."""


@contextlib.contextmanager
def _engine(manifest: Path, *flags: str) -> Iterator[int]:
    with running(manifest, *flags) as process:
        yield process.port


@contextlib.contextmanager
def _over(start: Start, scheme: str) -> Iterator[int]:
    """The chain over three microservices."""
    with contextlib.ExitStack() as stack:
        flags = []
        for unit, component in UNITS.items():
            one = stack.enter_context(start(f"units.{component.__name__}"))
            address = one.grpc if scheme == "grpc" else f"127.0.0.1:{one.port}"
            flags += ["--endpoint", f"{unit}={scheme}://{address}"]
        yield stack.enter_context(_engine(CHAIN, *flags))


def ways(environment: Environment = SELDON) -> dict[str, Way]:
    """All of them, by name. ``environment`` has seldon-core."""
    own: Start = partial(ours, folder=FOLDER)
    theirs: Start = partial(upstream, environment, folder=FOLDER)
    return {
        ALONE: partial(_engine, MODEL),
        ALONE_EACH: partial(_engine, MODEL, *NO_BATCHES),
        FUSED: partial(_engine, CHAIN),
        FUSED_EACH: partial(_engine, CHAIN, *NO_BATCHES),
        REST: partial(_engine, CHAIN, "--isolate", "all"),
        GRPC: partial(_over, own, "grpc"),
        THEIRS_REST: partial(_over, theirs, "http"),
        THEIRS_GRPC: partial(_over, theirs, "grpc"),
    }


def right_answer(way: str) -> list[list[float]]:
    """What the classes say to `ROWS`."""
    if way in (ALONE, ALONE_EACH):
        return Classifier().predict(ROWS).tolist()  # type: ignore[no-any-return]
    answer = Percent().transform_output(Classifier().predict(Centimetres().transform_input(ROWS)))
    return answer.tolist()  # type: ignore[no-any-return]
