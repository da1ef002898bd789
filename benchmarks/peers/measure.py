"""One turn of one server: started, checked, measured at every load, checked again, ended."""

from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.peers.asking import WrongAnswer, ask, check, expected, question
from benchmarks.peers.load import Load, NoLoad, h2load, wrk
from benchmarks.peers.messages import Array, Request, framed
from benchmarks.peers.processes import cpu_s, descendants, pss_mb
from benchmarks.peers.result import Plan, Point, Visit
from benchmarks.peers.server import Server, Target
from benchmarks.peers.serving import DidNotStart, Serving, serving

FEW = 30  # with fewer answers in a measurement, it is made longer
LONGER = 3


class Question(NamedTuple):
    """A request that is ready to be sent, and the array of its right answer."""

    target: Target
    port: int
    request: Request
    right: Array

    def check(self) -> int:
        """Ask once: the size of the right answer.

        :raises WrongAnswer: when it is not right.
        """
        answer = ask(self.target, self.port, self.request)
        check(self.target, answer, self.right)
        return len(answer.body)


def loads(target: Target, *, is_quick: bool) -> list[tuple[int, int]]:
    """The loads of an interface: rows of a request, connections. A quick run has those that the aims need."""
    if target.case == "identity":
        return [(1, 8)] if is_quick else [(1, 1), (1, 8)]
    usual = [(1, 1), (1, 16), (1, 64)]
    if target.case != "iris" or is_quick:
        return usual
    return [*usual, (1000, 16)] if target.is_grpc else [*usual, (1, 256), (100, 16), (1000, 16)]


def visit(server: Server, round_: int, plan: Plan) -> tuple[Visit, list[Point]]:
    """A server's turn. What fails is written down, and the rest goes on."""
    points: list[Point] = []
    failures: dict[str, str] = {}
    try:
        with serving(server) as live:
            idle_mb = pss_mb(descendants())
            for target in server.targets:
                try:
                    for point in _measured(server, target, live, plan):
                        points.append(point)
                        print(_line(point), flush=True)
                except (WrongAnswer, NoLoad) as error:
                    failures[target.name] = str(error)
                    print(f"  {server.name}: {target.name}: {error}", flush=True)
            if live.codes:
                failures["server"] = f"it ended while it was measured, exit code {live.codes[0]}"
            loaded_mb = pss_mb(descendants()) or None  # it may have crashed
    except (DidNotStart, OSError) as error:
        print(f"  {server.name}: {error}", flush=True)
        return Visit(server=server.name, round=round_, failures={"start": str(error)}), []
    return (
        Visit(
            server=server.name,
            round=round_,
            start_s=live.start_s,
            idle_mb=idle_mb,
            loaded_mb=loaded_mb,
            failures=failures,
        ),
        points,
    )


def _measured(server: Server, target: Target, live: Serving, plan: Plan) -> Iterator[Point]:
    """Every load of one interface."""
    for rows, connections in loads(target, is_quick=plan.is_quick):
        array = question(target.case, rows)
        port = int(live.ports[target.port])
        asked = Question(target, port, target.form.write(array), expected(target.case, array))
        yield _point(server, asked, live, (rows, connections), plan.seconds)


def _point(server: Server, asked: Question, live: Serving, load: tuple[int, int], seconds: float) -> Point:
    """Warm up, measure, and check before and after."""
    rows, connections = load
    asked.check()
    warm = put_load(asked, live, connections, max(seconds / 5, 0.2))
    answer_bytes = asked.check()  # and what the warm-up left behind has been answered
    is_slow = warm.per_second * seconds < FEW
    before = cpu_s(descendants())
    found = put_load(asked, live, connections, seconds * LONGER if is_slow else seconds, answer_bytes)
    used_s = cpu_s(descendants()) - before
    asked.check()
    return Point(
        server=server.name,
        case=asked.target.case,
        protocol=asked.target.protocol,
        is_grpc=asked.target.is_grpc,
        rows=rows,
        connections=connections,
        per_second=found.per_second,
        p50_ms=found.p50_ms,
        p99_ms=found.p99_ms,
        errors=found.errors,
        server_us=used_s / max(found.requests, 1) * 1e6,
        generator_us=found.generator_s / max(found.requests, 1) * 1e6,
    )


def put_load(asked: Question, live: Serving, connections: int, seconds: float, answer_bytes: int = 0) -> Load:
    """Send one question over and over."""
    url = f"http://127.0.0.1:{asked.port}{asked.target.path}"
    body, message = live.tmp / "body", asked.request.body
    body.write_bytes(framed(message) if asked.target.is_grpc else message)
    if not asked.target.is_grpc:
        return wrk(url, body, asked.request.headers, connections=connections, seconds=seconds)
    log = live.tmp / "calls"
    return h2load(
        url, body, connections=connections, seconds=seconds, answer_bytes=answer_bytes + len(framed(b"")), log=log
    )


def _line(point: Point) -> str:
    what = f"{point.server}: {point.case}, {point.protocol}, {point.rows} × {point.connections} connections"
    return f"  {what:<70} {point.per_second:>9,.0f}/s  p50 {point.p50_ms:.2f} ms  p99 {point.p99_ms:.2f} ms" + (
        f"  {point.errors} errors" if point.errors else ""
    )
