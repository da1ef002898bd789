"""Whether memory stays where it is: a real `infergraph run` under a million requests, `make soak`.

The memory of its processes after the first tenth of the requests is compared with that at the end. Caches fill and
allocators settle in the first part; what still grows later is a leak.
"""

import signal
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import click

from benchmarks.peers import environment
from benchmarks.peers.asking import expected, question
from benchmarks.peers.load import Load
from benchmarks.peers.measure import Question, put_load
from benchmarks.peers.ours import IRIS, our_server
from benchmarks.peers.processes import adopt_orphans, descendants, pss_mb
from benchmarks.peers.run import leave
from benchmarks.peers.server import OURS, Server
from benchmarks.peers.serving import serving

SLICE_S = 2.0  # load is put on for so long at a time, between which it is looked how many requests there were
SETTLE_S = 1.0  # memory is taken when nothing runs


class Figure(NamedTuple):
    """Memory after so many requests."""

    requests: int
    mb: float


class Failed(Exception):
    """Raised when the server did not keep what it promises; the text holds the figures."""


def soak(server: Server, total: int, connections: int, minutes: float) -> tuple[Figure, Figure]:
    """Memory after a tenth of the requests, and after all of them.

    :raises Failed: when a request fails, or the time is up.
    """
    end = time.monotonic() + minutes * 60
    with serving(server) as live:
        array = question("iris", 1)
        questions = [
            Question(target, int(live.ports[target.port]), target.form.write(array), expected("iris", array))
            for target in server.targets
        ]
        done, early = 0, None
        for asked in _in_turn(questions):
            load = put_load(asked, live, connections, SLICE_S, asked.check())
            _accept(load, asked)
            done += load.requests
            if done >= total / 10 and early is None:
                early = _figure(done)
                print(f"{early.requests:,} requests: {early.mb:.1f} MB", flush=True)
            if done >= total and early is not None:
                return early, _figure(done)
            if time.monotonic() > end:
                raise Failed(f"{done:,} of {total:,} requests after {minutes:g} minutes")
    raise AssertionError("the turns have no end")


def _in_turn(questions: list[Question]) -> Iterator[Question]:
    while True:
        yield from questions


def _accept(load: Load, asked: Question) -> None:
    if load.errors or not load.requests:
        raise Failed(f"{asked.target.name}: {load.errors} of {load.requests} requests failed")


def _figure(done: int) -> Figure:
    time.sleep(SETTLE_S)
    return Figure(done, pss_mb(descendants()))


@click.command()
@click.option("--requests", default=1_000_000, show_default=True, type=click.IntRange(10))
@click.option("--connections", default=64, show_default=True, type=click.IntRange(1, 1000))
@click.option("--minutes", default=20.0, show_default=True, help="It fails when it takes longer.")
@click.option("--growth", default=5.0, show_default=True, help="How much memory may grow, in per cent.")
@click.option("--workers", default=0, help="Worker processes. [default: as infergraph run does]")
@click.option("--grpc", is_flag=True, help="Let gRPC take turns with REST.")
def main(*, requests: int, connections: int, minutes: float, growth: float, workers: int, grpc: bool) -> None:
    """Send many requests to InferGraph, and fail when its memory grows."""
    signal.signal(signal.SIGTERM, leave)
    adopt_orphans()
    environment.make(OURS)
    targets = tuple(target for target in IRIS if target.protocol.startswith("seldon") and (grpc or not target.is_grpc))
    options = ("--workers", str(workers)) if workers else ()
    try:
        early, late = soak(our_server("soak", "", "iris", targets, *options), requests, connections, minutes)
    except Failed as error:
        sys.exit(f"failed: {error}")
    grown = (late.mb / early.mb - 1) * 100
    figures = f"{early.mb:.1f} MB after {early.requests:,} requests, {late.mb:.1f} MB after {late.requests:,}"
    if grown > growth:
        sys.exit(f"failed: {figures}: {grown:+.1f} %, allowed {growth:g} %")
    print(f"{figures}: {grown:+.1f} %, allowed {growth:g} %")


if __name__ == "__main__":
    main()
