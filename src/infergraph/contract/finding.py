"""What does not hold."""

from collections.abc import Iterable

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """An expectation, what was found in its place, and where; ``times`` is how often, of which this was the first.

    ``column`` is the target that it is about, empty when it is about the whole answer.
    """

    expectation: str
    found: str
    where: str
    column: str = ""
    times: int = 1


def gathered(findings: Iterable[Finding]) -> list[Finding]:
    """Those of one expectation about one column as one."""
    first: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = (finding.expectation, finding.column)
        known = first.get(key)
        times = finding.times + (known.times if known else 0)
        first[key] = msgspec.structs.replace(known or finding, times=times)
    return list(first.values())
