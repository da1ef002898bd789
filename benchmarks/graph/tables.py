"""The figures of the chain, as a table and as a sentence."""

import statistics
from collections.abc import Callable, Mapping, Sequence

import msgspec
from rich.table import Table

from benchmarks.graph.ways import ALONE, ALONE_EACH, FUSED, FUSED_EACH, THEIRS_REST

CONNECTIONS = (1, 64)
AIM_US = 30.0


class Sample(msgspec.Struct, frozen=True):
    """One way under one load: answers per second, half of them within ``p50_us``, and CPU of its processes for each."""

    per_second: float
    p50_us: float
    cpu_us: float
    errors: int = 0


Round = Mapping[tuple[str, int], Sample]
"""By the name of the way, and the number of connections."""


def table(rounds: Sequence[Round], connections: int) -> Table:
    """A line for each way; ratios say how many times as many requests per second as over upstream's REST."""
    title = f"{connections} connection{'s' if connections > 1 else ''}"
    found = Table("chain of three", "1/s", "p50 in µs", "CPU in µs", "to upstream's", "errors", title=title)
    for name in dict.fromkeys(name for name, _ in rounds[0]):
        found.add_row(name, *_cells(rounds, name, connections))
    return found


def _cells(rounds: Sequence[Round], name: str, connections: int) -> list[str]:
    samples = [one[name, connections] for one in rounds]
    theirs = [one[THEIRS_REST, connections] for one in rounds]
    ratio = statistics.median(a.per_second / b.per_second for a, b in zip(samples, theirs, strict=True))
    median: Callable[[str], float] = lambda field: statistics.median(getattr(one, field) for one in samples)  # noqa: E731
    return [
        *(f"{median(field):,.0f}" for field in ("per_second", "p50_us", "cpu_us")),
        f"{ratio:.1f}",
        str(sum(one.errors for one in samples)),
    ]


def aims(rounds: Sequence[Round]) -> list[str]:
    """Whether the two more units of a fused chain cost as little as they should, at one connection."""
    return [_aim(rounds, FUSED, ALONE), _aim(rounds, FUSED_EACH, ALONE_EACH)]


def _aim(rounds: Sequence[Round], chain: str, alone: str) -> str:
    added = statistics.median(one[chain, 1].p50_us - one[alone, 1].p50_us for one in rounds)
    cpu = statistics.median(one[chain, 1].cpu_us - one[alone, 1].cpu_us for one in rounds)
    word = "reached" if added <= AIM_US else "missed"
    return (
        f"Two more units, {chain}, add {added:.0f} µs to half of the answers at one connection, and {cpu:.0f} µs "
        f"of CPU (aim: {AIM_US:.0f} µs, {word})"
    )
