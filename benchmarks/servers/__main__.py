"""What each HTTP server costs around the same application: `make bench-servers`, with wrk installed.

Every server runs in a process of its own, as we would embed it, and answers a SeldonMessage of one row with the same
message: decoded, through a compiled graph of one identity, encoded. Rounds are interleaved, so that a busy minute of
the machine meets all of them; each figure is the median. CPU is user and system time of the server's process, which
says more than requests per second do on a machine that wrk shares.
"""

import argparse
import contextlib
import statistics
import sys
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.servers.candidates import NAMES
from benchmarks.servers.load import Sample, Target, target

HEADINGS = ("server", "connections", "req/s", "ratio", "p50 ms", "p99 ms", "CPU µs/req", "failed")


def main() -> None:
    options = _options()
    samples: dict[tuple[str, int], list[Sample]] = {}
    with _targets(options.only or NAMES) as targets:
        for number in range(options.rounds):
            for connections in options.connections:
                for one in targets:
                    sample = one.drive(connections, options.seconds)
                    samples.setdefault((one.name, connections), []).append(sample)
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
    Console(width=110).print(_table(targets, options.connections, samples))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-servers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="of each server, round and number of connections")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64, 256])
    parser.add_argument("--only", nargs="+", choices=NAMES)
    return parser.parse_args()


@contextlib.contextmanager
def _targets(names: Sequence[str]) -> Iterator[list[Target]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(target(name)) for name in names]


def _table(
    targets: Sequence[Target], connections: Sequence[int], samples: dict[tuple[str, int], list[Sample]]
) -> Table:
    """One row for each server and number of connections; the ratio is that to the first server's rate."""
    table = Table(*HEADINGS, title="One row through a graph of one identity, seldon protocol over HTTP")
    for count in connections:
        first = None
        for one in targets:
            row = samples[one.name, count]
            rate = statistics.median(sample.rate for sample in row)
            first = first or rate
            p50, p99 = (statistics.median(getattr(sample, name) for sample in row) for name in ("p50_ms", "p99_ms"))
            cpu = statistics.median(sample.cpu_us for sample in row)
            failed = sum(sample.failed for sample in row)
            table.add_row(
                one.name,
                f"{count}",
                f"{rate:,.0f}",
                f"{rate / first:.2f}",
                f"{p50:.2f}",
                f"{p99:.1f}",
                f"{cpu:.0f}",
                f"{failed}",
            )
        table.add_section()
    return table


if __name__ == "__main__":
    main()
