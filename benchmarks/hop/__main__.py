"""What each HTTP client costs on the way from a graph to a component: `make bench-hop`.

The component is another process, which echoes. Rounds are interleaved, so that a busy minute of the machine meets all
clients; each figure is the median. CPU is user and system time of the process that asks, which says more than requests
per second do on a machine that others share; the ratio is to the first client's CPU time.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import msgspec
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.hop.clients import CLIENTS, Client

BODIES = {
    "1 row": json.dumps({"data": {"ndarray": [[5.1, 3.5, 1.4, 0.2]]}, "meta": {}}).encode(),
    "1 MB": json.dumps({"data": {"ndarray": [[0.123456] * 100_000]}, "meta": {}}).encode(),
}
WARM_S = 0.2


class Sample(msgspec.Struct, frozen=True):
    """One round of one client."""

    per_second: float
    cpu_us: float


def main() -> None:
    options = _options()
    cases = [(size, count) for size in BODIES for count in options.connections]
    samples: dict[tuple[str, int, str], list[Sample]] = {}
    with _component() as url:
        for _ in range(options.rounds):
            for size, count in cases:
                for name in CLIENTS:
                    sample = uvloop.run(_round(name, url, BODIES[size], count, options.seconds))
                    samples.setdefault((size, count, name), []).append(sample)
    Console(width=100).print(_table(cases, samples))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-hop", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each client, round and case")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 64])
    return parser.parse_args()


@contextlib.contextmanager
def _component() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.hop.component"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/predict"
        finally:
            process.terminate()


async def _round(name: str, url: str, body: bytes, connections: int, seconds: float) -> Sample:
    client = CLIENTS[name]()
    try:
        await _drive(client, url, body, connections, WARM_S)
        began_s, cpu_s = time.perf_counter(), time.process_time()
        answers = await _drive(client, url, body, connections, seconds)
        cpu_s, took_s = time.process_time() - cpu_s, time.perf_counter() - began_s
        return Sample(answers / took_s, cpu_s / answers * 1e6)
    finally:
        await client.close()


async def _drive(client: Client, url: str, body: bytes, connections: int, seconds: float) -> int:
    end_s = time.perf_counter() + seconds

    async def ask() -> int:
        answers = 0
        while time.perf_counter() < end_s:
            if await client.ask(url, body) != body:
                raise RuntimeError("the answer is not what was sent")
            answers += 1
        return answers

    return sum(await asyncio.gather(*(ask() for _ in range(connections))))


def _table(cases: list[tuple[str, int]], samples: dict[tuple[str, int, str], list[Sample]]) -> Table:
    table = Table("body", "connections", "client", "CPU µs/call", "ratio", "calls/s")
    for size, count in cases:
        first = None
        for name in CLIENTS:
            its = samples[size, count, name]
            cpu_us = statistics.median(sample.cpu_us for sample in its)
            first = first or cpu_us
            rate = statistics.median(sample.per_second for sample in its)
            table.add_row(size, str(count), name, f"{cpu_us:,.0f}", f"{cpu_us / first:.2f}", f"{rate:,.0f}")
    return table


if __name__ == "__main__":
    main()
