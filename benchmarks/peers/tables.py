"""The results as tables in Markdown. Whoever is faster than InferGraph stands above it, and our losses are marked."""

from collections.abc import Sequence

from benchmarks.peers.aims import Aim, fastest, ratio
from benchmarks.peers.result import Point, Results, Visit

LOSS = "▼"
Load = tuple[int, int]  # rows, connections


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; all columns but the first two hold numbers."""
    rule = ["---" if number < 2 else "---:" for number in range(len(head))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))


def load_table(results: Results, points: Sequence[Point], loads: Sequence[Load], names: Sequence[str]) -> str:
    """A row for each interface and a column for each load, the fastest first; below, ours beside the best peer's.

    The fastest is whoever is fastest under the last but one load, where servers show what they can do; the ratio to the
    best peer is that of the same load.
    """
    key = loads[-2] if len(loads) > 1 else loads[-1]
    best = fastest(point for point in _under(points, key) if not results.servers[point.server].is_ours)
    interfaces: dict[tuple[str, str], dict[Load, Point]] = {}
    for point in points:
        interfaces.setdefault((point.server, point.protocol), {})[point.rows, point.connections] = point
    found = sorted(interfaces.items(), key=lambda item: -item[1][key].per_second if key in item[1] else 0)
    rows = [
        [
            *_label(results, *interface),
            *(_cell(by_load.get(load)) for load in loads),
            _times(by_load.get(key), best, is_ours=results.servers[interface[0]].is_ours),
        ]
        for interface, by_load in found
    ]
    head = ["server", "interface", *names, f"beside the best peer ({names[loads.index(key)]})"]
    return table(head, [*rows, ["*InferGraph's best ÷ best peer*", "", *_ratios(results, points, loads), ""]])


def _under(points: Sequence[Point], load: Load) -> list[Point]:
    return [point for point in points if (point.rows, point.connections) == load]


def _ratios(results: Results, points: Sequence[Point], loads: Sequence[Load]) -> list[str]:
    """For each load, our fastest interface beside the fastest of a peer."""
    cells = []
    for load in loads:
        under = _under(points, load)
        ours = fastest(point for point in under if results.servers[point.server].is_ours)
        best = fastest(point for point in under if not results.servers[point.server].is_ours)
        cells.append(_times(ours, best, is_ours=True))
    return cells


def _times(point: Point | None, best: Point | None, *, is_ours: bool) -> str:
    times = ratio(point.per_second if point else None, best.per_second if best else None)
    return "–" if times is None else f"{times:.2f} ×{f' {LOSS}' if times < 1 and is_ours else ''}"


def _label(results: Results, server: str, protocol: str) -> tuple[str, str]:
    return (f"**{server}**", f"**{protocol}**") if results.servers[server].is_ours else (server, protocol)


def _cell(point: Point | None) -> str:
    """Requests per second, and in brackets p50 / p99 in milliseconds."""
    if point is None:
        return "–"
    if not point.p50_ms:
        return "no answer in time"
    errors = f", {point.errors} errors" if point.errors else ""
    return f"{point.per_second:,.0f} ({point.p50_ms:.1f} / {point.p99_ms:.1f}{errors})"


def visit_table(results: Results) -> str:
    """Start and memory of each server."""

    def cells(visit: Visit) -> list[str]:
        name = f"**{visit.server}**" if results.servers[visit.server].is_ours else visit.server
        numbers = (visit.start_s, visit.idle_mb, visit.loaded_mb)
        forms = ("{:.1f}", "{:.0f}", "{:.0f}")
        shown = ["–" if one is None else form.format(one) for form, one in zip(forms, numbers, strict=True)]
        return [name, results.servers[visit.server].settings, *shown]

    visits = sorted(results.visits, key=lambda visit: visit.start_s if visit.start_s is not None else 1e9)
    return table(
        ["server", "settings", "s to the first right answer", "MB when idle", "MB after load"], [*map(cells, visits)]
    )


def aim_table(aims: Sequence[Aim]) -> str:
    """Each aim, what came, and whether it is reached."""

    def cells(aim: Aim) -> list[str]:
        bound = f"{'≤' if aim.is_ceiling else '≥'} {aim.bound:g} ×"
        figure = "–" if aim.figure is None else f"{aim.figure:.2f} ×"
        return [aim.text, aim.how or "–", bound, figure, f"**{aim.verdict}**" if aim.verdict == "MISS" else aim.verdict]

    return table(["what", "from", "aim", "here", ""], [*map(cells, aims)])


def failure_list(results: Results) -> str:
    """What could not be measured, and why."""
    lines = [f"- {name}: left out: {_short(why)}" for name, why in results.skipped.items()]
    for visit in results.visits:
        lines += [f"- {visit.server}, {what}: {_short(why)}" for what, why in visit.failures.items()]
    return "\n".join(lines) or "Nothing."


def _short(text: str) -> str:
    line = " ".join(text.replace("|", "/").replace("`", "'").split())
    return line if len(line) <= 200 else line[:200] + " …"


def of_case(results: Results, *cases: str, is_grpc: bool | None = None) -> list[Point]:
    """The points of some cases."""
    return [point for point in results.points if point.case in cases and (is_grpc is None or point.is_grpc == is_grpc)]


def connections(*counts: int) -> list[str]:
    """Titles of columns."""
    return [f"{count} connection{'s' if count > 1 else ''}" for count in counts]
