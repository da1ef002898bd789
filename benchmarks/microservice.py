"""Our microservice beside the official one with its default settings, on the same class: `make bench-microservice`.

Each takes turns at each number of connections, under wrk (Debian's package of that name), which sends one small message
again and again; so both have the same machine in the same minute, and their ratio says more than their figures. The
class gives back its rows. The official package, seldon-core 1.17.1, is installed into an environment of its own.
"""

import argparse
import contextlib
import json
import shutil
import statistics
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.peers.load import Load, wrk
from tests.conformance.corpus.cases import KINDS
from tests.conformance.corpus.wrappers import Wrapper, ours, upstream
from tests.conformance.environments import make
from tests.conformance.test_seldon_client import SELDON

COMPONENT = "Plain"
CONNECTIONS = (1, 16, 64)
AIM = 5.0


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    asked.add_argument("--rounds", type=int, default=3, help="the median counts")
    given = asked.parse_args()
    console = Console()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed; it is Debian's package of that name")
    make(SELDON, console.print)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        wrappers = {
            "upstream": stack.enter_context(upstream(SELDON, COMPONENT)),
            "ours": stack.enter_context(ours(COMPONENT)),
        }
        console.print(measured(wrappers, folder, given.seconds, given.rounds))


def measured(wrappers: dict[str, Wrapper], folder: Path, seconds: float, rounds: int) -> Table:
    """Requests per second of both, their medians over the rounds."""
    body = folder / "body.json"
    body.write_text(json.dumps(KINDS["ndarray"]))
    table = Table("connections", "upstream, 1/s", "ours, 1/s", "ratio", "p50 in ms, both", "errors, both")
    for connections in CONNECTIONS:
        loads = {name: [] for name in wrappers}  # type: dict[str, list[Load]]
        for _ in range(rounds):
            for name, wrapper in wrappers.items():
                loads[name].append(asked(wrapper, body, connections, seconds))
        table.add_row(*row(connections, loads["upstream"], loads["ours"]))
    return table


def asked(wrapper: Wrapper, body: Path, connections: int, seconds: float) -> Load:
    """One measurement."""
    url, headers = f"http://127.0.0.1:{wrapper.port}/predict", {"Content-Type": "application/json"}
    return wrk(url, body, headers, connections=connections, seconds=seconds)


def row(connections: int, theirs: list[Load], ours: list[Load]) -> list[str]:
    """One line of the table; the ratio is the median of those of each round."""
    ratio = statistics.median(mine.per_second / their.per_second for their, mine in zip(theirs, ours, strict=True))
    rates = [statistics.median(load.per_second for load in loads) for loads in (theirs, ours)]
    times = [statistics.median(load.p50_ms for load in loads) for loads in (theirs, ours)]
    errors = [sum(load.errors for load in loads) for loads in (theirs, ours)]
    missed = "" if ratio >= AIM else f"  (aim: {AIM:g})"
    return [
        str(connections),
        *(f"{rate:,.0f}" for rate in rates),
        f"{ratio:.1f}{missed}",
        " / ".join(f"{time:.2f}" for time in times),
        " / ".join(map(str, errors)),
    ]


if __name__ == "__main__":
    main()
