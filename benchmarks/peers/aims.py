"""What InferGraph wants to reach beside its peers, and whether a run shows it."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from benchmarks.peers.result import Point, Results

ONE, TWO, IDENTITY = "infergraph", "infergraph ×2", "infergraph identity"
NATIVE = "infergraph, native gRPC"


class Aim(NamedTuple):
    """A figure, and the bound that it is to keep. No figure where something it needs was not measured."""

    text: str
    figure: float | None
    bound: float
    is_ceiling: bool = False
    how: str = ""  # what the figure is made from

    @property
    def is_hit(self) -> bool:
        if self.figure is None:
            return False
        return self.figure <= self.bound if self.is_ceiling else self.figure >= self.bound

    @property
    def verdict(self) -> str:
        return "not measured" if self.figure is None else "hit" if self.is_hit else "MISS"


def aims(results: Results) -> list[Aim]:
    """Every aim, in the order in which they are stated."""
    return [aim(results) for aim in AIMS]


def ratio(above: float | None, below: float | None) -> float | None:
    """A quotient, if there is one."""
    return above / below if above is not None and below else None


def fastest(points: Iterable[Point]) -> Point | None:
    """The point with the most requests per second."""
    return max(points, key=lambda point: point.per_second, default=None)


def _points(results: Results, case: str, *, is_ours: bool, is_grpc: bool = False) -> list[Point]:
    return [
        point
        for point in results.points
        if (point.case, point.is_grpc) == (case, is_grpc) and results.servers[point.server].is_ours == is_ours
    ]


def _row_at(results: Results, connections: int, *, is_ours: bool, is_grpc: bool = False) -> list[Point]:
    """One row of iris with so many connections."""
    found = _points(results, "iris", is_ours=is_ours, is_grpc=is_grpc)
    return [point for point in found if (point.rows, point.connections) == (1, connections)]


def _rate(point: Point | None) -> float | None:
    return point.per_second if point else None


def _compare(text: str, ours: Point | None, other: Point | None, bound: float) -> Aim:
    how = ""
    if ours and other:
        how = f"{_name(ours)} {ours.per_second:,.0f}/s, {_name(other)} {other.per_second:,.0f}/s"
    return Aim(text, ratio(_rate(ours), _rate(other)), bound, how=how)


def _name(point: Point) -> str:
    return f"{point.server} ({point.protocol})"


def _beside_echo(results: Results) -> Aim:
    ours = results.find(ONE, "iris", "seldon REST", 64)
    echo = results.find(IDENTITY, "echo", "seldon REST", 64)
    return _compare("one row, 64 connections, beside the bare echo of the same message", ours, echo, 0.9)


def _beside_peers(results: Results) -> Aim:
    ours, peer = (fastest(_row_at(results, 64, is_ours=is_ours)) for is_ours in (True, False))
    return _compare("one row, 64 connections, beside the best peer", ours, peer, 8)


def _mlserver(points: Iterable[Point]) -> Point | None:
    return fastest(point for point in points if point.server.startswith("MLServer"))


def _beside_mlserver(results: Results) -> Aim:
    ours = fastest(_row_at(results, 64, is_ours=True))
    return _compare(
        "one row, 64 connections, beside MLServer's best", ours, _mlserver(_row_at(results, 64, is_ours=False)), 20
    )


def _alone(results: Results) -> Aim:
    ours = results.find(ONE, "iris", "seldon REST", 1)
    echo = results.find(IDENTITY, "echo", "seldon REST", 1)
    call_ms = results.model_call_us / 1000
    floor_ms = call_ms + echo.p50_ms if echo else None
    how = f"{ours.p50_ms:.2f} ms, {call_ms:.2f} ms + {echo.p50_ms:.2f} ms" if ours and echo else ""
    text = "p50 of one row, 1 connection, beside raw model call + bare echo"
    return Aim(text, ratio(ours.p50_ms if ours else None, floor_ms), 1.15, is_ceiling=True, how=how)


def _tail(results: Results) -> Aim:
    ours = results.find(ONE, "iris", "seldon REST", 64)
    peers = [point for point in _row_at(results, 64, is_ours=False) if point.p50_ms]
    peer = min(peers, key=lambda point: point.p50_ms, default=None)
    how = f"{ours.p99_ms:.1f} ms, {_name(peer)} {peer.p50_ms:.1f} ms" if ours and peer else ""
    text = "p99 of one row, 64 connections, beside the lowest p50 of a peer"
    figure = ratio(ours.p99_ms if ours else None, peer.p50_ms if peer else None)
    return Aim(text, figure, 1.0, is_ceiling=True, how=how)


def _binary(results: Results) -> Point | None:
    found = _points(results, "identity", is_ours=True)
    return fastest(point for point in found if point.protocol == "v2 REST, binary")


def _tensor_beside_json(results: Results) -> Aim:
    peers = _points(results, "identity", is_ours=False)
    json = fastest(point for point in peers if not {"binary", "raw"} & set(point.protocol.replace(",", "").split()))
    return _compare("tensor of 150,528 floats, v2 binary, beside the best JSON peer", _binary(results), json, 20)


def _tensor_beside_copy(results: Results) -> Aim:
    peers = _points(results, "identity", is_ours=False)
    copy = fastest(point for point in peers if point.protocol == "raw bytes")
    return _compare("the same, beside a service that copies raw bytes", _binary(results), copy, 0.7)


def _graph_beside_model(results: Results) -> Aim:
    graph = results.find("infergraph graph", "graph", "seldon REST", 16)
    model = results.find("infergraph class", "class", "seldon REST", 16)
    return _compare("fused graph of three units, 16 connections, beside its model alone", graph, model, 0.9)


def _graph_beside_upstream(results: Results) -> Aim:
    graph = results.find("infergraph graph", "graph", "seldon REST", 16)
    upstream = results.find("seldon-core graph", "graph", "seldon REST", 16)
    return _compare("the same, beside the same classes as upstream microservices", graph, upstream, 50)


def _grpc_beside_mlserver(results: Results) -> Aim:
    ours = fastest(_row_at(results, 64, is_ours=True, is_grpc=True))
    peer = _mlserver(_row_at(results, 64, is_ours=False, is_grpc=True))
    return _compare("gRPC, one row, 64 connections, beside MLServer's gRPC", ours, peer, 10)


def _grpc_beside_rest(results: Results) -> Aim:
    grpc, rest = (
        fastest(point for point in _row_at(results, 64, is_ours=True, is_grpc=is_grpc) if point.server in (ONE, NATIVE))
        for is_grpc in (True, False)
    )
    return _compare("gRPC, one row, 64 connections, beside our own REST", grpc, rest, 0.6)


def _two_workers(results: Results) -> Aim:
    two = results.find(TWO, "iris", "seldon REST", 64)
    one = results.find(ONE, "iris", "seldon REST", 64)
    aim = _compare("two workers beside one, 64 connections", two, one, 1.5)
    if not one or not one.server_us:
        return aim
    return aim._replace(how=f"{aim.how}; {room(one)}".strip("; "))


def room(one: Point) -> str:
    """What two workers can reach on two cores that they share with the load generator, by calculation.

    One worker serves 1/s requests a second, s being the CPU time of a request in the server. Two cores do 2/(s + g),
    g being its CPU time in the generator.
    """
    most = 2 * one.server_us / (one.server_us + one.generator_us)
    spent = f"a request takes {one.server_us:.0f} µs in the server and {one.generator_us:.0f} µs in the generator"
    return f"{spent}, so two cores leave room for {most:.2f} times one worker"


AIMS: tuple[Callable[[Results], Aim], ...] = (
    _beside_echo,
    _beside_peers,
    _beside_mlserver,
    _alone,
    _tail,
    _tensor_beside_json,
    _tensor_beside_copy,
    _graph_beside_model,
    _graph_beside_upstream,
    _grpc_beside_mlserver,
    _grpc_beside_rest,
    _two_workers,
)
