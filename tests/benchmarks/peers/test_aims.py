import pytest

from benchmarks.peers.aims import Aim, aims, ratio, room
from tests.benchmarks.peers.results import point, results

OURS = point("infergraph", 9000.0, p99_ms=8.0)
ECHO = point("infergraph identity", 10_000.0, case="echo")
FASTAPI = point("FastAPI", 1000.0, p50_ms=10.0)


def aim(text: str, *points: object) -> Aim:
    """The one aim that begins so."""
    (found,) = [aim for aim in aims(results(*points)) if aim.text.startswith(text)]  # type: ignore[arg-type]
    return found


def test_an_aim_is_hit_on_its_bound() -> None:
    found = aim("one row, 64 connections, beside the bare echo", OURS, ECHO)
    assert found.figure == pytest.approx(0.9)
    assert found.verdict == "hit"


def test_an_aim_below_its_bound_is_missed() -> None:
    slower = point("infergraph", 8999.0)
    assert aim("one row, 64 connections, beside the bare echo", slower, ECHO).verdict == "MISS"


def test_what_was_not_measured_is_neither_hit_nor_missed() -> None:
    assert {aim.verdict for aim in aims(results())} == {"not measured"}


def test_the_best_peer_counts_and_not_ourselves() -> None:
    found = aim("one row, 64 connections, beside the best peer", OURS, FASTAPI, point("BentoML", 500.0))
    assert found.figure == pytest.approx(9)
    assert "FastAPI" in found.how


def test_our_best_interface_counts() -> None:
    two = point("infergraph ×2", 15_000.0, protocol="v2 REST")
    assert aim("one row, 64 connections, beside the best peer", OURS, two, FASTAPI).figure == pytest.approx(15)


def test_the_better_of_both_mlservers_counts() -> None:
    slow, fast = point("MLServer", 300.0), point("MLServer batching", 450.0)
    found = aim("one row, 64 connections, beside MLServer", OURS, slow, fast, FASTAPI)
    assert found.figure == pytest.approx(20)


def test_a_ceiling_is_kept_from_below() -> None:
    alone = point("infergraph", 3000.0, connections=1, p50_ms=0.2)
    echo = point("infergraph identity", 9000.0, case="echo", connections=1, p50_ms=0.1)
    found = aim("p50 of one row", alone, echo)
    assert found.figure == pytest.approx(1.0)  # 0.2 ms beside 0.1 ms of the model and 0.1 ms of the echo
    assert found.verdict == "hit"


def test_the_tail_is_compared_with_the_lowest_median_of_a_peer() -> None:
    found = aim("p99 of one row", OURS, FASTAPI, point("BentoML", 500.0, p50_ms=90.0))
    assert found.figure == pytest.approx(0.8)


def test_a_peer_without_an_answer_has_no_median() -> None:
    found = aim("p99 of one row", OURS, FASTAPI, point("Ray Serve", 0.0, p50_ms=0.0))
    assert found.figure == pytest.approx(0.8)


def test_bytes_are_no_json() -> None:
    def identity(server: str, rate: float, protocol: str) -> object:
        return point(server, rate, case="identity", protocol=protocol, connections=8)

    binary = identity("infergraph identity", 800.0, "v2 REST, binary")
    others = (
        identity("KServe", 100.0, "v2 REST, binary"),
        identity("FastAPI", 1000.0, "raw bytes"),
        identity("MLServer", 40.0, "v2 REST"),
    )
    assert aim("tensor of 150,528 floats", binary, *others).figure == pytest.approx(20)
    assert aim("the same, beside a service that copies", binary, *others).figure == pytest.approx(0.8)


def test_grpc_is_compared_with_rest_of_the_same_server() -> None:
    grpc = point("infergraph", 6000.0, protocol="seldon gRPC", is_grpc=True)
    two = point("infergraph ×2", 50_000.0)
    assert aim("gRPC, one row, 64 connections, beside our own", OURS, grpc, two).figure == pytest.approx(6 / 9)


def test_what_two_workers_can_reach_follows_from_the_cpu_times() -> None:
    assert room(point("infergraph", 1.0, server_us=60.0, generator_us=20.0)).endswith("room for 1.50 times one worker")
    assert "1.50 times" in aim("two workers", OURS, point("infergraph ×2", 12_000.0)).how


@pytest.mark.parametrize(("above", "below", "expected"), [(3, 2, 1.5), (None, 2, None), (3, None, None), (3, 0, None)])
def test_a_ratio_needs_both(above: float | None, below: float | None, expected: float | None) -> None:
    assert ratio(above, below) == expected
