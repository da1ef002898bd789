import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.gateway.gateways import before, flag, gateway, serving
from tests.serving import Process
from tests.stubs import rows, seldon, stubs


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """75 and 25 per cent."""
    with serving(tmp_path_factory.mktemp("gateway"), "main", "canary") as found:
        shares = {"main": 75, "canary": 25}
        with gateway(*(f"--to={flag(name, one, shares[name])}" for name, one in found.items())) as process:
            yield process


@pytest.fixture
def channel(split: Process) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(split.grpc) as opened:
        yield opened


def who(channel: grpc.Channel, *metadata: tuple[str, str]) -> tuple[str, str]:
    """Who answers, by what it says and by the metadata."""
    answer, call = seldon(channel).Predict.with_call(rows([1, 2]), metadata=metadata, timeout=30)
    return answer.data.ndarray[0][0], dict(call.initial_metadata())["infergraph-predictor"]


def test_each_predictor_has_exactly_its_share(channel: grpc.Channel) -> None:
    answers = [who(channel) for _ in range(100)]
    assert Counter(answers) == {("main", "main"): 75, ("canary", "canary"): 25}


def test_feedback_goes_to_who_answered(channel: grpc.Channel) -> None:
    assert {who(channel, ("infergraph-predictor", "canary")) for _ in range(5)} == {("canary", "canary")}


def test_metadata_go_there_and_back(channel: grpc.Channel) -> None:
    said = (("seldon", "test"), ("namespace", "default"), ("seldon-puid", "p7"))
    _, call = seldon(channel).Predict.with_call(rows([1, 2]), metadata=said, timeout=30)
    assert dict(call.initial_metadata())["seldon-puid"] == "p7"


def code(call: Any) -> tuple[grpc.StatusCode, Any]:
    with pytest.raises(grpc.RpcError) as raised:
        call()
    return raised.value.code(), raised.value.details()


def test_statuses_are_passed_on(channel: grpc.Channel) -> None:
    empty = stubs().messages.SeldonMessage()
    status, details = code(lambda: seldon(channel).Predict(empty, timeout=30))
    assert status is grpc.StatusCode.INVALID_ARGUMENT
    assert details
    other = (("seldon", "another"), ("namespace", "default"))
    status, _ = code(lambda: seldon(channel).Predict(rows([1]), metadata=other, timeout=30))
    assert status is grpc.StatusCode.NOT_FOUND


def test_a_method_that_nobody_has_is_said_so_by_the_predictor(channel: grpc.Channel) -> None:
    ask: Any = channel.unary_unary("/nobody.Has/This", lambda _: b"", lambda _: b"")
    assert code(lambda: ask(None, timeout=30))[0] is grpc.StatusCode.UNIMPLEMENTED


def test_a_wish_for_nobody_is_the_callers_mistake(channel: grpc.Channel) -> None:
    status, details = code(lambda: who(channel, ("infergraph-predictor", "third")))
    assert status is grpc.StatusCode.INVALID_ARGUMENT
    assert "one of main, canary" in details


def test_other_services_pass_too(channel: grpc.Channel) -> None:
    health: Any = health_pb2_grpc.HealthStub(channel)
    assert health.Check(health_pb2.HealthCheckRequest(), timeout=30).status == health_pb2.HealthCheckResponse.SERVING


def test_streams_pass(channel: grpc.Channel) -> None:
    """Watching the health is a stream of answers that ends with the caller."""
    health: Any = health_pb2_grpc.HealthStub(channel)
    watch = health.Watch(health_pb2.HealthCheckRequest(), timeout=30)
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
    watch.cancel()
    assert who(channel)[0] in ("main", "canary")


def test_nobody_there_is_unavailable() -> None:
    with gateway("--to", "gone=127.0.0.1:1:1@100") as process, grpc.insecure_channel(process.grpc) as channel:
        assert code(lambda: seldon(channel).Predict(rows([1]), timeout=30))[0] is grpc.StatusCode.UNAVAILABLE


def test_a_shadow_gets_copies(tmp_path: Path) -> None:
    (tmp_path / "shadows").mkdir()
    with serving(tmp_path, "main") as found, serving(tmp_path / "shadows", "copies", component="Noting") as shadows:
        shadow = flag("copies", shadows["copies"], 100)
        with gateway("--to", flag("main", found["main"], 100), "--shadow", shadow) as process:
            with grpc.insecure_channel(process.grpc) as channel:
                assert {who(channel) for _ in range(3)} == {("main", "main")}
            assert process.stop(signal.SIGTERM) == 0
        assert (tmp_path / "shadows/copies/noted").read_text().splitlines() == ["[[1.0, 2.0]]"] * 3


def test_the_end_finishes_what_runs(tmp_path: Path) -> None:
    with serving(tmp_path, "held", component="Held") as held, before(held) as process:
        with grpc.insecure_channel(process.grpc) as channel:
            ask = channel.unary_stream(
                "/seldon.protos.Seldon/Predict", rows().__class__.SerializeToString, rows().__class__.FromString
            )
            call = ask(rows([1, 2]), timeout=40)
            assert "seldon-puid" in dict(call.initial_metadata())  # the predictor has it
            process.process.send_signal(signal.SIGTERM)
            process.wait_for("draining")
            (tmp_path / "held/go").touch()
            (answer,) = call
            assert answer.data.ndarray[0][1] == 2
        assert process.wait() == 0
