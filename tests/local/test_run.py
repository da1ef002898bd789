"""A real `infergraph run`: its start, its answers, its end."""

import json
import signal
import socket
from collections import Counter
from pathlib import Path

import pytest

from tests.local.manifests import predictor, write
from tests.serving import ROOT, ROWS, Process, failing, running

PREDICTIONS = "/api/v1.0/predictions"


def request_bytes(close: bool = False) -> bytes:
    body = json.dumps(ROWS).encode()
    connection = b"connection: close\r\n" if close else b""
    head = b"POST %s HTTP/1.1\r\nhost: x\r\n%scontent-length: %d\r\n\r\n" % (
        PREDICTIONS.encode(),
        connection,
        len(body),
    )
    return head + body


def opened(process: Process, count: int) -> list[socket.socket]:
    """Connections on each of which a request is on its way."""
    clients = [socket.create_connection(("127.0.0.1", process.port), timeout=40) for _ in range(count)]
    for client in clients:
        client.sendall(request_bytes())
    return clients


def statuses(clients: list[socket.socket]) -> Counter[int]:
    """The statuses of the answers on these connections; 0 is a connection closed without one."""
    found: Counter[int] = Counter()
    for client in clients:
        with client, client.makefile("rb") as stream:
            line = stream.readline()
            found[int(line.split()[1]) if line else 0] += 1
    return found


def test_ready_is_true_only_when_every_model_is_loaded(tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("p", "LateLoad"))
    with running(manifest, is_ready=False) as process:
        process.wait_for("unit_loading")
        assert process.request("GET", "/live").status == 200
        assert process.request("GET", "/ready").status == 503
        assert process.request("GET", "/seldon/default/test/ready").status == 503
        assert process.request("GET", "/api/v1.0/status").status == 503
        refused = process.predict()
        assert refused.status == 503
        assert refused.headers["retry-after"] == "1"
        assert refused.json["status"]["reason"] == "NOT_READY"
        assert process.request("GET", "/api/v1.0/metadata").status == 503
        assert process.request("GET", "/api/v1.0/doc/").status == 200
        (tmp_path / "go").touch()
        process.wait_for("ready")
        assert process.request("GET", "/ready").status == 200
        assert process.predict().status == 200


def test_a_load_that_never_ends_can_be_stopped(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Endless")), is_ready=False) as process:
        process.wait_for("unit_loading")
        assert process.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_well(number: int, tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Echo"))) as process:
        assert process.predict().status == 200
        assert process.stop(number) == 0
        assert process.errors == ""


@pytest.mark.parametrize(("component", "threads"), [("Slow", "1"), ("Slow", "8")])
def test_sigterm_loses_no_request(component: str, threads: str, tmp_path: Path) -> None:
    env = [{"name": "GUNICORN_THREADS", "value": threads}]
    with running(write(tmp_path, predictor("p", component, env=env))) as process:
        clients = opened(process, 50)
        process.process.send_signal(signal.SIGTERM)
        assert statuses(clients) == {200: 50}
        assert process.wait() == 0


def test_the_drain_goes_on_as_long_as_a_request_runs(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Held"))) as process:
        clients = opened(process, 3)
        process.process.send_signal(signal.SIGTERM)
        process.wait_for("draining")
        (tmp_path / "go").touch()
        assert statuses(clients) == {200: 3}
        assert process.wait() == 0


def test_a_drain_goes_on_while_requests_are_being_finished(tmp_path: Path) -> None:
    seconds = [{"name": "seconds", "type": "FLOAT", "value": "0.5"}]
    with running(write(tmp_path, predictor("p", "Slow", parameters=seconds)), "--drain-s", "3") as process:
        clients = opened(process, 8)  # one after the other, four seconds in all
        process.process.send_signal(signal.SIGTERM)
        assert statuses(clients) == {200: 8}
        assert process.wait() == 0


def test_a_drain_that_takes_too_long_refuses_what_is_left(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Held")), "--drain-s", "1") as process:
        clients = opened(process, 3)
        process.process.send_signal(signal.SIGTERM)
        assert statuses(clients) == {503: 3}
        assert process.wait() == 0


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Held"))) as process:
        clients = opened(process, 1)
        process.process.send_signal(signal.SIGTERM)
        process.wait_for("draining")
        process.process.send_signal(signal.SIGTERM)
        process.wait_for("stopping_at_once")
        assert process.wait() == 1
        assert statuses(clients) == {503: 1}


def test_traffic_weights_are_exact_and_feedback_finds_its_predictor(tmp_path: Path) -> None:
    names = {name: [{"name": "name", "type": "STRING", "value": name}] for name in ("main", "canary")}
    manifest = write(
        tmp_path,
        predictor("main", "Named", traffic=70, parameters=names["main"]),
        predictor("canary", "Named", traffic=30, parameters=names["canary"]),
    )
    with running(manifest) as process:
        process.predict()  # so that the hundred do not start with the schedule
        answers = [process.predict().json for _ in range(100)]
        counts = Counter(answer["data"]["ndarray"][0][0] for answer in answers)
        assert counts == {"main": 70, "canary": 30}
        assert {answer["meta"]["routing"]["infergraph.io/predictor"] for answer in answers} == {0, 1}
        reply = process.request("POST", "/api/v1.0/feedback", {"response": answers[0], "reward": 1.0})
        assert reply.status == 200


def test_a_hundred_to_nothing(tmp_path: Path) -> None:
    names = [{"name": "name", "type": "STRING", "value": "main"}]
    manifest = write(
        tmp_path, predictor("main", "Named", traffic=100, parameters=names), predictor("off", "Named", traffic=0)
    )
    with running(manifest) as process:
        assert {process.predict().json["data"]["ndarray"][0][0] for _ in range(101)} == {"main"}


def test_a_failing_shadow_gets_its_copy_and_nobody_notices(tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("main", "Echo"), predictor("next", "Noting", shadow=True))
    with running(manifest) as process:
        for number in range(20):
            answer = process.predict({"data": {"ndarray": [number]}})
            assert (answer.status, answer.json["data"]["ndarray"]) == (200, [number])
            assert "routing" not in answer.json["meta"]
        assert process.stop() == 0
    noted = (tmp_path / "noted").read_text().split()
    assert noted == [f"[{number}]" for number in range(20)]


def test_a_shadow_that_hangs_delays_nobody(tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("main", "Echo"), predictor("next", "Held", shadow=True))
    with running(manifest) as process:
        assert {process.predict().status for _ in range(20)} == {200}
        (tmp_path / "go").touch()


def test_several_deployments_each_under_its_path(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    one = write(tmp_path, predictor("p", "Echo"), name="one")
    two = write(tmp_path, predictor("p", "Named"), name="two")
    with running(one, two) as process:
        assert process.predict(prefix="/seldon/default/one").json["data"]["ndarray"] == ROWS["data"]["ndarray"]
        assert process.predict(prefix="/seldon/default/two").json["data"]["ndarray"] == [["?"]]
        assert process.predict().status == 404
        assert process.request("GET", "/").json["deployments"][0]["name"] == "one"


def test_deployments_of_one_name_are_measured_apart(tmp_path: Path) -> None:
    manifests = []
    for namespace in ("a", "b"):
        text = write(tmp_path, predictor("p", "Echo"), name="iris").read_text()
        manifests.append(tmp_path / f"{namespace}.yaml")
        manifests[-1].write_text(text.replace("metadata:", f"metadata:\n  namespace: {namespace}"))
    with running(*manifests) as process:
        for prefix in ("/seldon/a/iris", "/seldon/a/iris", "/seldon/b/iris"):
            assert process.predict(prefix=prefix).status == 200
        text = process.request("GET", "/metrics").body.decode()
        counted = {
            line.partition('deployment_name="')[2].partition('"')[0]: float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if line.startswith("seldon_api_executor_server_requests_seconds_count") and 'service="predictions"' in line
        }
        assert counted == {"a/iris": 2, "b/iris": 1}
        statistics = process.request("GET", "/seldon/b/iris/v2/models/iris/stats").json["model_stats"][0]
        assert statistics["inference_stats"]["success"]["count"] == 1


def test_a_model_that_quits_is_a_500_and_the_server_goes_on(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Quitting"))) as process:
        for _ in range(8):
            failed = process.predict()
            assert (failed.status, failed.headers["infergraph-unit"]) == (500, "model")
        assert process.request("GET", "/ready").status == 200


def test_the_deadline_of_the_annotation(tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("p", "Held"), annotations={"seldon.io/rest-timeout": "50"})
    with running(manifest) as process:
        late = process.predict()
        assert late.status == 504
        assert "0.05 s" in late.json["status"]["info"]
        (tmp_path / "go").touch()


def test_the_queue_has_an_end(tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("p", "Held"), annotations={"infergraph.io/queue-length": "1"})
    with running(manifest) as process:
        clients = opened(process, 4)
        (first,) = [statuses([client]) for client in clients[3:]]
        assert first == {503: 1}
        (tmp_path / "go").touch()
        assert statuses(clients[:3]) == {200: 2, 503: 1}


def test_limits_by_environment_and_flag(tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("p", "Echo"), annotations={"infergraph.io/body-bytes": "5"})
    with running(manifest, env={"INFERGRAPH_BODY_BYTES": "50"}) as process:
        assert process.predict(json.dumps(ROWS)).status == 200
        assert process.predict({"strData": "x" * 50}).status == 413
    with running(manifest, "--body-bytes", "10") as process:
        assert process.predict().status == 413
    with running(manifest) as process:
        assert process.predict(b"{  }  ").status == 413


def test_component_and_artifact_flags(tmp_path: Path, iris_model: Path) -> None:
    text = (ROOT / "examples/iris/iris.yaml").read_text().replace("./model", "gs://bucket/iris")
    manifest = tmp_path / "iris.yaml"
    manifest.write_text(text)
    with running(manifest, "--artifact", f"gs://bucket/iris={iris_model}") as process:
        assert process.predict().status == 200
    write(tmp_path, predictor("p", "Echo"))
    with running(manifest, "--component", "classifier=components:Echo") as process:
        assert process.predict().json["data"]["ndarray"] == ROWS["data"]["ndarray"]


@pytest.mark.parametrize(
    ("component", "arguments", "message"),
    [
        ("Echo", ["--host", "203.0.113.1", "--port", "0"], "cannot listen on 203.0.113.1"),
        ("Missing", ["--port", "0"], "the module has no class `Missing`"),
        ("BadLoad", ["--port", "0"], "unit `model`: load() raised OSError: the disk is gone"),
        ("Echo", ["--port", "0", "--component", "modle=components:Echo"], "there is no such unit; the units are model"),
        ("Echo", ["--port", "0", "--body-bytes", "-1"], "body_bytes"),
        ("Echo", ["--port", "0", "absent.yaml"], "absent.yaml"),
    ],
)
def test_what_does_not_start_says_why_in_one_message(
    component: str, arguments: list[str], message: str, tmp_path: Path
) -> None:
    code, errors = failing(write(tmp_path, predictor("p", component)), *arguments)
    assert code == 1
    assert message in errors
    assert "Traceback" not in errors
    assert errors.startswith("infergraph: ")


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, errors = failing(write(tmp_path, predictor("p", "Echo")), "--port", port)
    assert code == 1
    assert errors.startswith(f"infergraph: cannot listen on 127.0.0.1, port {port}: Address already in use")
    assert "--port" in errors


def test_a_bad_manifest_does_not_start(tmp_path: Path) -> None:
    manifest = write(tmp_path, predictor("p", "Echo", trafic=3), predictor("p", "Echo"))
    code, errors = failing(manifest)
    assert code == 1
    assert "trafic" in errors
    assert "Duplicate predictor name" in errors
    assert "Traceback" not in errors


def test_a_model_file_that_is_not_there(tmp_path: Path) -> None:
    manifest = tmp_path / "iris.yaml"
    manifest.write_text((ROOT / "examples/iris/iris.yaml").read_text())
    code, errors = failing(manifest, "--port", "0")
    assert code == 1
    assert "unit `classifier`" in errors
    assert "Traceback" not in errors
