"""A real `infergraph run` over gRPC, beside REST: the same answers, the same end."""

import concurrent.futures
import contextlib
import json
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from google.protobuf import empty_pb2, json_format
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.local.manifests import predictor, write
from tests.serving import ROOT, Process, failing, running
from tests.stubs import array_of, rows, seldon, stubs, tensor_proto

PREDICT = "/seldon.protos.Seldon/Predict"
IRIS = [5.964, 4.006, 2.081, 1.031]
OPTIONS = [("grpc.max_receive_message_length", -1)]


@contextmanager
def channel(process: Process) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(process.grpc, OPTIONS) as opened:
        yield opened


def begun(process: Process, channel: grpc.Channel, count: int) -> list[Any]:
    """Calls that have all reached their deployment."""
    ask = channel.unary_stream(PREDICT, rows().__class__.SerializeToString, rows().__class__.FromString)
    calls = [ask(rows([1, 2]), timeout=40, wait_for_ready=True) for _ in range(count)]
    wait_until_begun(process, count)
    return calls


def wait_until_begun(process: Process, count: int) -> None:
    """Until so many requests are being answered, or are."""
    while _begun(process.request("GET", "/metrics").body.decode()) < count:
        assert process.process.poll() is None


def _begun(metrics: str) -> float:
    kinds = ("infergraph_requests_in_flight{", "seldon_api_executor_server_requests_seconds_count{")
    return sum(float(line.rpartition(" ")[2]) for line in metrics.splitlines() if line.startswith(kinds))


def code(call: Any) -> grpc.StatusCode:
    """How a call ended: OK is with its answer."""
    try:
        (answer,) = call
    except grpc.RpcError as error:
        found: grpc.StatusCode = error.code()
        return found
    assert answer.data.ndarray[0][1] == 2
    return grpc.StatusCode.OK


def codes(calls: list[Any]) -> Counter[grpc.StatusCode]:
    return Counter(map(code, calls))


def failed(call: Any, *arguments: Any, **options: Any) -> Any:
    with pytest.raises(grpc.RpcError) as raised:
        call(*arguments, timeout=20, **options)
    return raised.value


def is_serving(channel: grpc.Channel) -> bool:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    answer = stub.Check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=20)
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


@pytest.fixture(scope="module", autouse=True, params=["aio", "native"])
def grpc_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """Everything here is true of both servers, unless it says so."""
    if request.param == "native":
        pytest.importorskip("pygrpc_native")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INFERGRAPH_GRPC_SERVER", request.param)
        yield request.param


@pytest.fixture(scope="module")
def iris(iris_model: Path) -> Iterator[Process]:
    assert iris_model.exists()
    with running(ROOT / "examples/iris/iris.yaml") as process:
        yield process


@pytest.mark.parametrize("kind", ["ndarray", "tensor", "tftensor"])
def test_iris_gives_the_same_numbers_as_over_rest(iris: Process, kind: str) -> None:
    dim = {"dim": [{"size": "1"}, {"size": "4"}]}
    data = {
        "ndarray": [IRIS],
        "tensor": {"shape": [1, 4], "values": IRIS},
        "tftensor": {"dtype": "DT_DOUBLE", "tensorShape": dim, "doubleVal": IRIS},
    }
    message = {"data": {kind: data[kind]}, "meta": {"puid": "p", "tags": {"a": 1}}}
    with channel(iris) as opened:
        answer = seldon(opened).Predict(json_format.ParseDict(message, stubs().messages.SeldonMessage()))
    over_grpc, over_rest = json_format.MessageToDict(answer), iris.predict(message).json
    assert over_grpc["meta"] == over_rest["meta"]
    assert over_grpc["data"]["names"] == over_rest["data"]["names"] == ["t:0", "t:1", "t:2"]
    if kind == "tftensor":  # packed here, spelled there
        packed = answer.data.tftensor.tensor_content
        assert np.frombuffer(packed, "<f8").tolist() == over_rest["data"][kind]["doubleVal"]
    else:
        assert over_grpc["data"][kind] == over_rest["data"][kind]


@pytest.mark.parametrize("array", [np.array([[b"a", b"\xff"]], object), np.array([0.5], np.float16)])
def test_texts_and_halves_come_back_as_they_were(array: Any, tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Echo"))) as process, channel(process) as opened:
        asked = stubs().messages.SeldonMessage(data={"tftensor": tensor_proto(array)})
        again = array_of(seldon(opened).Predict(asked, timeout=20).data.tftensor)
    assert (again.dtype, again.tolist()) == (array.dtype, array.tolist())


def test_a_mistake_in_a_message_is_told_as_over_rest(iris: Process) -> None:
    with channel(iris) as opened:
        error = failed(seldon(opened).Predict, rows([1, 2, 3]))
    over_rest = iris.predict({"data": {"ndarray": [[1.0, 2.0, 3.0]]}}).json["status"]["info"]
    assert (error.code(), error.details()) == (grpc.StatusCode.INVALID_ARGUMENT, over_rest)


def test_metadata(iris: Process) -> None:
    messages = stubs().messages
    with channel(iris) as opened:
        graph = seldon(opened).GraphMetadata(empty_pb2.Empty())
        unit = seldon(opened).ModelMetadata(messages.SeldonModelMetadataRequest(name="classifier"))
        root = stubs().services.ModelStub(opened).Metadata(empty_pb2.Empty())
        error = failed(seldon(opened).ModelMetadata, messages.SeldonModelMetadataRequest(name="x"))
    assert graph.name == "default"
    assert graph.models["classifier"] == unit == root
    assert (error.code(), error.details()) == (
        grpc.StatusCode.NOT_FOUND,
        "There is no unit 'x'; the units are classifier",
    )


def test_feedback_follows_the_routing_of_the_answer(tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("main", "Learning", traffic=50), predictor("canary", "Learning", traffic=50))
    with running(manifest) as process, channel(process) as opened:
        answers = [seldon(opened).Predict(rows([1])) for _ in range(2)]
        chosen = [answer.meta.routing["infergraph.io/predictor"] for answer in answers]
        assert sorted(chosen) == [0, 1]
        for answer in answers:
            feedback = stubs().messages.Feedback(request=rows([1, 2]), response=answer, truth=rows([3]), reward=0.5)
            reply = seldon(opened).SendFeedback(feedback)
            name = answer.data.ndarray[0][0]  # of the object that had answered
            assert json_format.MessageToDict(reply.jsonData) == {"name": name, "got": [0.5, 2, 3]}


def test_raw_methods_tags_and_metrics(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Raw"))) as process, channel(process) as opened:
        asked = json_format.ParseDict({"jsonData": {"n": 1}, "meta": {"tags": {"a": [1]}}}, rows().__class__())
        answer = json_format.MessageToDict(seldon(opened).Predict(asked))
        assert answer["jsonData"] == {"got": {"jsonData": {"n": 1}, "meta": {"tags": {"a": [1]}}}}
    with running(write(tmp_path, predictor("p", "Telling"))) as process, channel(process) as opened:
        meta = json_format.MessageToDict(seldon(opened).Predict(rows([1])).meta)
        assert meta["tags"] == {"version": 1.0, "names": ["a"]}
        assert meta["metrics"] == [
            {"key": "n", "value": 2.0},
            {"key": "t", "type": "TIMER", "value": 0.5, "tags": {"x": "y"}},
        ]


def test_what_a_component_raises(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Quitting"))) as process, channel(process) as opened:
        error = failed(seldon(opened).Predict, rows([1]))
        assert (error.code(), error.details()) == (grpc.StatusCode.INTERNAL, "3")
        assert dict(error.trailing_metadata())["infergraph-unit"] == "model"


def test_annotations_of_message_size_and_time(tmp_path: Path) -> None:
    annotations = {"seldon.io/grpc-max-message-size": "10000", "seldon.io/grpc-timeout": "50"}
    with running(write(tmp_path, predictor("p", "Held"), annotations=annotations)) as process:
        with channel(process) as opened:
            assert failed(seldon(opened).Predict, rows([1.0] * 2000)).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            late = failed(seldon(opened).Predict, rows([1]))
            assert (late.code(), "0.05 s" in late.details()) == (grpc.StatusCode.DEADLINE_EXCEEDED, True)
        (tmp_path / "go").touch()


def test_who_leaves_the_queue_disturbs_nobody(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Held"))) as process, channel(process) as opened:
        calls = begun(process, opened, 6)
        for call in calls[1::2]:
            call.cancel()
        with pytest.raises(grpc.RpcError):
            seldon(opened).Predict(rows([1]), timeout=0.2)
        (tmp_path / "go").touch()
        assert codes(calls) == {grpc.StatusCode.OK: 3, grpc.StatusCode.CANCELLED: 3}
        assert process.predict().status == 200


def test_health_follows_readiness(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "LateLoad")), is_ready=False) as process, channel(process) as opened:
        process.wait_for("unit_loading")
        assert not is_serving(opened)
        assert failed(seldon(opened).Predict, rows([1])).code() is grpc.StatusCode.UNAVAILABLE
        (tmp_path / "go").touch()
        assert process.wait_for("ready")["grpc"] == process.grpc
        assert is_serving(opened)
        assert seldon(opened).Predict(rows([1])) is not None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_well(number: int, tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Echo"))) as process, channel(process) as opened:
        assert seldon(opened).Predict(rows([1, 2])).data.ndarray[0][1] == 2
        assert process.stop(number) == 0
        assert process.errors == ""


@pytest.mark.parametrize("threads", ["1", "8"])
def test_sigterm_loses_no_call(threads: str, tmp_path: Path) -> None:
    env = [{"name": "GUNICORN_THREADS", "value": threads}]
    with running(write(tmp_path, predictor("p", "Slow", env=env))) as process, channel(process) as opened:
        calls = begun(process, opened, 50)
        process.process.send_signal(signal.SIGTERM)
        assert codes(calls) == {grpc.StatusCode.OK: 50}
        assert process.wait() == 0
        assert process.errors == ""


def test_sigterm_loses_no_call_of_many_clients(tmp_path: Path) -> None:
    def predict(address: str) -> grpc.StatusCode:
        with grpc.insecure_channel(address) as own:
            return code(own.unary_stream(PREDICT, None, rows().__class__.FromString)(question, timeout=40))

    question = rows([1, 2]).SerializeToString()
    with running(write(tmp_path, predictor("p", "Slow"))) as process:
        with concurrent.futures.ThreadPoolExecutor(50) as clients:
            ended = clients.map(predict, [process.grpc] * 50)
            wait_until_begun(process, 50)
            process.process.send_signal(signal.SIGTERM)
            assert Counter(ended) == {grpc.StatusCode.OK: 50}
        assert process.wait() == 0


def test_a_call_on_its_way_when_the_end_begins_is_answered(tmp_path: Path, grpc_server: str) -> None:
    if grpc_server == "aio":
        pytest.skip("it tells clients to go, and waits for none: see the next test")
    manifest = write(tmp_path, predictor("p", "Echo"), annotations={"infergraph.io/drain-grace-s": "5"})
    with running(manifest) as process, channel(process) as opened:
        assert is_serving(opened)
        process.process.send_signal(signal.SIGTERM)
        process.wait_for("draining")
        assert seldon(opened).Predict(rows([1, 2]), timeout=20).data.ndarray[0][1] == 2
        assert not is_serving(opened)
        process.process.send_signal(signal.SIGTERM)
        process.wait()


def test_a_client_that_is_told_to_go_goes_at_once(tmp_path: Path, grpc_server: str) -> None:
    if grpc_server == "native":
        pytest.skip("it tells nobody")
    manifest = write(tmp_path, predictor("p", "Echo"), annotations={"infergraph.io/drain-grace-s": "1000"})
    with running(manifest) as process, channel(process) as opened:
        assert is_serving(opened)
        process.process.send_signal(signal.SIGTERM)
        assert process.wait() == 0  # it would wait for a client that stays
        assert failed(seldon(opened).Predict, rows([1])).code() is grpc.StatusCode.UNAVAILABLE


def test_a_drain_that_takes_too_long_refuses_what_is_left(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Held")), "--drain-s", "1") as process, channel(process) as opened:
        calls = begun(process, opened, 3)
        process.process.send_signal(signal.SIGTERM)
        assert codes(calls) == {grpc.StatusCode.UNAVAILABLE: 3}
        assert process.wait() == 0


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Held"))) as process, channel(process) as opened:
        calls = begun(process, opened, 2)
        process.process.send_signal(signal.SIGTERM)
        process.wait_for("draining")
        process.process.send_signal(signal.SIGTERM)
        assert codes(calls) == {grpc.StatusCode.UNAVAILABLE: 2}
        assert process.wait() == 1


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, errors = failing(write(tmp_path, predictor("p", "Echo")), "--port", "0", "--grpc-port", port)
    assert status == 1
    assert errors.startswith(f"infergraph: cannot listen on 127.0.0.1, port {port}: Address already in use")
    assert "choose another with --grpc-port" in errors
    assert "Traceback" not in errors


def test_the_default_port_gives_way_when_it_is_in_use(tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("p", "Echo"))
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # somebody else may have it already
            stack.enter_context(socket.create_server(("127.0.0.1", 5001)))
        process = Process((str(manifest), "--port", "0"), {})
        try:
            assert process.wait_for("grpc_port_taken")["port"] == 5001
            assert process.wait_for("listening")["grpc"] != "127.0.0.1:5001"
        finally:
            process.process.kill()
            process.wait()


def test_two_servers_do_not_share_a_port_unnoticed(tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("p", "Echo"))
    with running(manifest) as process:
        status, errors = failing(manifest, "--port", "0", "--grpc-port", process.grpc.rpartition(":")[2])
    assert (status, "Address already in use" in errors) == (1, True)


# A process in which gRPC is not installed, as far as Python can tell.
WITHOUT = """
import sys


class Nowhere:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ("grpc", "grpc_health", "grpc_reflection", "google"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Nowhere)
"""


def test_without_grpc_the_rest_is_served(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT)
    process = Process((str(write(tmp_path, predictor("p", "Echo"))), "--port", "0"), {"PYTHONPATH": str(tmp_path)})
    try:
        off = process.wait_for("grpc_off")
        assert "pip install 'infergraph[grpc]'" in off["how"]
        listening = process.wait_for("listening")
        assert "grpc" not in listening
        process.port = int(listening["url"].rpartition(":")[2])
        assert "grpc" not in process.wait_for("ready")
        assert process.predict().status == 200
        assert process.stop() == 0
    finally:
        process.process.kill()
        process.wait()


def test_a_server_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pygrpc_native'] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    exit_code, errors = failing(write(tmp_path, predictor("p", "Echo")), "--grpc-server", "native", "--port", "0")
    assert exit_code == 1
    assert "pip install 'infergraph[grpc-native]'" in errors


def test_without_grpc_a_port_that_was_asked_for_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT)
    manifest = write(tmp_path, predictor("p", "Echo"))
    process = Process((str(manifest), "--grpc-port", "5001"), {"PYTHONPATH": str(tmp_path)})
    assert process.wait() == 1
    assert process.errors.startswith("infergraph: --grpc-port 5001: gRPC is not installed")


def test_a_component_may_bring_the_same_messages(tmp_path: Path) -> None:
    """As TensorFlow and seldon_core do: in protobuf's common pool a name can exist once."""
    manifest = write(tmp_path, predictor("p", "Defining"))
    with running(manifest) as process, channel(process) as opened:
        for _ in range(20):
            assert seldon(opened).Predict(rows([1, 2])).strData == "tensorflow.TensorProto"


def test_several_deployments_are_chosen_by_metadata(tmp_path: Path) -> None:
    one, two = (write(tmp_path, predictor("p", name), name=name.lower()) for name in ("Echo", "Named"))
    with running(one, two) as process, channel(process) as opened:
        chosen = (("seldon", "named"), ("namespace", "default"))
        assert seldon(opened).Predict(rows([1]), metadata=chosen).data.ndarray[0][0] == "?"
        error = failed(seldon(opened).Predict, rows([1]))
        assert (error.code(), "echo in default, named in default" in error.details()) == (
            grpc.StatusCode.NOT_FOUND,
            True,
        )


def test_json_over_rest_is_what_protobuf_says(iris: Process) -> None:
    answer = iris.predict({"data": {"tensor": {"shape": [1, 4], "values": IRIS}}})
    assert json_format.Parse(json.dumps(answer.json), stubs().messages.SeldonMessage()).data.tensor.shape == [1, 3]
