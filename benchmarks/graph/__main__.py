"""What a unit costs in a chain of three, fused and in other processes: `make bench-graph`.

A transformer, a model and an output transformer, always behind our engine: fused into it, with and without natural
batching; each as our microservice, over REST and over gRPC; and each as the official wrapper's microservice with its
default settings (seldon-core 1.17.1, in an environment of its own). They take turns under wrk (Debian's package of that
name), so that a busy minute meets all; figures are medians of the rounds, ratios medians of the ratios within a round.
CPU is that of the engine and its components for one request, which says more than times do on a machine that others
share.
"""

import argparse
import contextlib
import http.client
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
from rich.console import Console

from benchmarks.graph.tables import CONNECTIONS, Sample, aims, table
from benchmarks.graph.ways import ROWS, right_answer, ways
from benchmarks.peers.load import wrk
from benchmarks.peers.processes import cpu_s, descendants
from tests.conformance.environments import make
from tests.conformance.test_seldon_client import SELDON

PATH = "/api/v1.0/predictions"
HEADERS = {"Content-Type": "application/json"}
WARM_S = 0.3


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    console = Console()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed; it is Debian's package of that name")
    make(SELDON, console.print)
    with contextlib.ExitStack() as stack:
        body = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "body.json"
        body.write_text(json.dumps({"data": {"ndarray": ROWS}}))
        servers = started(stack)
        samples = [sampled(servers, body, given.seconds) for _ in range(given.rounds)]
    for connections in CONNECTIONS:
        console.print(table(samples, connections))
    console.print("\n".join(aims(samples)))


def started(stack: contextlib.ExitStack) -> dict[str, tuple[int, list[int]]]:
    """The port of each way, and the processes that it has, once it gives the right answer."""
    found = {}
    for name, way in ways().items():
        before = set(descendants())
        port = stack.enter_context(way())
        check(name, port)
        found[name] = (port, [number for number in descendants() if number not in before])
    return found


def check(name: str, port: int) -> None:
    """Ask once. :raises SystemExit: when the answer is another than the classes give."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", PATH, json.dumps({"data": {"ndarray": ROWS}}), HEADERS)
        said = connection.getresponse().read()
    finally:
        connection.close()
    if not np.allclose(json.loads(said)["data"]["ndarray"], right_answer(name)):
        raise SystemExit(f"{name}: expected {right_answer(name)}, got {said.decode()}")


def sampled(servers: dict[str, tuple[int, list[int]]], body: Path, seconds: float) -> dict[tuple[str, int], Sample]:
    """One round: each way in its turn, by its name and the number of connections."""
    return {
        (name, connections): sample(port, processes, body, connections, seconds)
        for connections in CONNECTIONS
        for name, (port, processes) in servers.items()
    }


def sample(port: int, processes: list[int], body: Path, connections: int, seconds: float) -> Sample:
    """One way under load."""
    url = f"http://127.0.0.1:{port}{PATH}"
    wrk(url, body, HEADERS, connections=connections, seconds=WARM_S)
    before_s = cpu_s(processes)
    load = wrk(url, body, HEADERS, connections=connections, seconds=seconds)
    spent_s = cpu_s(processes) - before_s
    return Sample(
        per_second=load.per_second,
        p50_us=load.p50_ms * 1000,
        cpu_us=spent_s / max(load.requests, 1) * 1e6,
        errors=load.errors,
    )


if __name__ == "__main__":
    main()
