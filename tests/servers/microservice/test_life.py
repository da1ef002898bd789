"""How a microservice starts, is looked after, and ends."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from time import sleep

import grpc
import pytest

from tests.servers.microservice.test_grpc import message, stub
from tests.servers.microservice.test_rest import NDARRAY
from tests.serving import Answer, microservice

FOLDER = Path(__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "components.py").write_text((FOLDER / "components.py").read_text())
    return tmp_path


def until(is_so: Callable[[], bool]) -> None:
    """Wait; the test's own time limit ends it."""
    while not is_so():
        sleep(0.01)


def ended(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`infergraph microservice ARGUMENTS` that ends by itself."""
    command = [sys.executable, "-m", "infergraph", "microservice", *arguments]
    ports = ["--http-port", "0", "--grpc-port", "0", "--metrics-port", "0"]
    env = {**os.environ, **env}
    return subprocess.run(
        [*command, *ports], cwd=folder, env=env, capture_output=True, text=True, timeout=50, check=False
    )


def test_an_unknown_argument_is_named() -> None:
    result = ended(FOLDER, "components:Identity", "REST")
    assert result.returncode == 255
    beginning = "infergraph: Unknown args ['REST']. Note since 1.5.0 this CLI does not take API type (REST, GRPC)"
    assert result.stderr.startswith(beginning)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["components:Missing"], "the module has no class `Missing`"),
        (["nowhere:Model"], "there is no module `nowhere`"),
        (["components:BadLoad"], "load() raised OSError: the disk is gone"),
        (["components:BadLoad", "--workers", "2"], "load() raised OSError: the disk is gone"),
        (["components:Identity", "--parameters", "{"], "--parameters: expected a JSON list"),
        (
            ["components:Identity", "--parameters", '[{"name":"n","type":"INT","value":"x"}]'],
            "Bad model parameter: n with value x can't be parsed as a INT",
        ),
        (
            ["components:Identity", "--parameters", '[{"name":"n","type":"LONG","value":"x"}]'],
            "Bad model parameter type: LONG valid are INT, FLOAT, DOUBLE, STRING, BOOL",
        ),
        (["components:Identity", "--pidfile", "/nowhere/pid"], "--pidfile /nowhere/pid"),
    ],
)
def test_what_cannot_start_says_why(arguments: list[str], said: str) -> None:
    result = ended(FOLDER, *arguments)
    assert result.returncode == 1
    assert said in result.stderr


def test_metadata_that_are_no_mapping() -> None:
    assert "MODEL_METADATA: expected a mapping" in ended(FOLDER, "components:Identity", MODEL_METADATA="[1]").stderr


def test_a_name_alone_is_module_and_class(tmp_path: Path) -> None:
    (tmp_path / "MyModel.py").write_text("class MyModel:\n    def predict(self, X, names):\n        return X\n")
    pid = tmp_path / "pid"
    with microservice(tmp_path, "MyModel", "--pidfile", str(pid), "--service-type", "ROUTER") as served:
        assert served.request("POST", "/predict", NDARRAY).status == 200
        assert int(pid.read_text()) == served.process.pid
        assert served.stop() == 0
    assert not pid.exists()


def test_settings_without_effect_are_said() -> None:
    env = {"FLASK_JSON_SORT_KEYS": "1"}
    with microservice(FOLDER, "components:Identity", "--persistence", env=env) as served:
        events = {event["event"]: event for event in served.events}
        assert events["persistence_not_supported"]["level"] == "error"
        assert events["without_effect"]["settings"] == ["FLASK_JSON_SORT_KEYS"]


@pytest.mark.parametrize("workers", [[], ["--workers", "2"]])
def test_nobody_connects_before_it_is_loaded(folder: Path, workers: list[str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["components:LateLoad", *workers, "--http-port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "infergraph", "microservice", *arguments, "--grpc-port", "0", "--metrics-port", "0"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    try:
        until((folder / "loading").exists)
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            pass
        (folder / "go").touch()
        until(lambda: _answers(port))
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ping") as answer:
            return bool(answer.read() == b"pong")
    except OSError:
        return False


def test_told_to_go_while_it_loads(folder: Path) -> None:
    with microservice(folder, "components:LateLoad", is_ready=False) as served:
        until((folder / "loading").exists)
        assert served.stop() == 0


@pytest.mark.parametrize("workers", [[], ["--workers", "2"]])
def test_what_runs_is_answered_before_the_end(folder: Path, workers: list[str]) -> None:
    with microservice(folder, "components:Held", *workers) as served:
        answers: list[Answer] = []
        asking = threading.Thread(target=lambda: answers.append(served.request("POST", "/predict", NDARRAY)))
        asking.start()
        until((folder / "begun").exists)
        served.process.send_signal(signal.SIGTERM)
        served.wait_for("draining")
        (folder / "go").touch()
        asking.join()
        assert answers[0].status == 200
        assert served.wait() == 0


@pytest.mark.parametrize("workers", [[], ["--workers", "2"]])
def test_what_runs_over_grpc_is_answered_before_the_end(folder: Path, workers: list[str]) -> None:
    with (
        microservice(folder, "components:Held", *workers) as served,
        grpc.insecure_channel(served.grpc) as channel,
    ):
        asked = stub(channel, "Model").Predict.future(message(NDARRAY))
        until((folder / "begun").exists)
        served.process.send_signal(signal.SIGTERM)
        served.wait_for("draining")
        (folder / "go").touch()
        assert list(asked.result().data.ndarray[0]) == [1.0, 2.0]
        assert served.wait() == 0


def test_a_worker_that_dies_is_replaced() -> None:
    with microservice(FOLDER, "components:Worker", "--workers", "1") as served:
        before = served.request("POST", "/predict", NDARRAY).json["data"]["ndarray"]
        with pytest.raises(ConnectionError):
            served.request("POST", "/predict", {"strData": "die"})
        served.wait_for("worker_ready")
        assert served.request("POST", "/predict", NDARRAY).json["data"]["ndarray"] != before
        page = served.request("GET", "/metrics", port=served.metrics_port).body.decode()
        assert 'infergraph_worker_restarts_total{reason="exit code 3"} 1.0' in page


def test_a_worker_is_replaced_after_its_requests() -> None:
    with microservice(FOLDER, "components:Worker", "--max-requests", "3") as served:
        first = served.request("POST", "/predict", NDARRAY).json["data"]["ndarray"]
        for _ in range(3):
            assert served.request("POST", "/predict", NDARRAY).status == 200
        until(lambda: bool(served.request("POST", "/predict", NDARRAY).json["data"]["ndarray"] != first))


def test_metrics_of_all_workers() -> None:
    with microservice(FOLDER, "components:Telling", "--workers", "2", "--metrics-path", "/prometheus") as served:
        pids = set()
        for _ in range(200):
            pids.add(served.request("POST", "/predict", NDARRAY).json["meta"]["tags"]["pid"])
        assert len(pids) == 2
        page = served.request("GET", "/prometheus", port=served.metrics_port).body.decode()
        line = next(line for line in page.splitlines() if line.startswith("calls_total{"))
        assert line.endswith(" 200.0")
        assert served.request("GET", "/predict", port=served.metrics_port).status == 404


@pytest.mark.parametrize("workers", [[], ["--workers", "1"]])
def test_a_custom_service_runs_beside_the_servers(folder: Path, workers: list[str]) -> None:
    beside = folder / "beside"
    with microservice(folder, "components:Served", *workers) as served:
        until(lambda: beside.exists() and bool(beside.read_text()))
        pid, is_loaded = beside.read_text().split()
        assert int(pid) != served.process.pid
        assert is_loaded == "False"
        beside.unlink()
        os.kill(int(pid), signal.SIGKILL)
        until(lambda: beside.exists() and bool(beside.read_text()))
        again = int(beside.read_text().split()[0])
        assert again != int(pid)
        assert served.stop() == 0
        with pytest.raises(ProcessLookupError):
            os.kill(again, 0)


def test_the_native_front_serves_a_component_too() -> None:
    with (
        microservice(FOLDER, "components:Identity", "--grpc-server", "native") as served,
        grpc.insecure_channel(served.grpc) as channel,
    ):
        assert stub(channel, "Model").Predict(message({"strData": "x"})).strData == "x"
        assert served.stop() == 0


def test_without_grpc_by_choice() -> None:
    with microservice(FOLDER, "components:Identity", "--grpc-workers", "0") as served:
        assert served.grpc == ""
        assert served.request("POST", "/predict", NDARRAY).status == 200


def test_requests_are_logged_when_asked_for() -> None:
    with microservice(FOLDER, "components:Identity", "--access-log") as served:
        served.request("GET", "/health/ping")
        served.request("POST", "/predict", NDARRAY)
        assert served.stop() == 0
        found = [event for event in served.events if event["event"] == "access"]
        assert [(event["method"], event["path"], event["status"]) for event in found] == [("POST", "/predict", 200)]


def test_the_log_level_holds_for_the_class_too(tmp_path: Path) -> None:
    (tmp_path / "Logging.py").write_text(
        "import logging\nclass Logging:\n    def predict(self, X, names):\n"
        "        logging.getLogger('mine').debug('looked at %s', X)\n        return X\n"
    )
    for workers in ([], ["--workers", "1"]):
        with microservice(tmp_path, "Logging", *workers, env={"SELDON_LOG_LEVEL": "DEBUG"}) as served:
            served.request("POST", "/predict", {"strData": "x"})
            served.wait_for("looked at x")


def test_a_reload_takes_up_a_changed_class(tmp_path: Path) -> None:
    code = tmp_path / "Changing.py"
    code.write_text("class Changing:\n    def predict(self, X):\n        return 'before'\n")
    with microservice(tmp_path, "Changing", "--workers", "1") as served:
        assert served.request("POST", "/predict", NDARRAY).json["strData"] == "before"
        code.write_text("class Changing:\n    def predict(self, X):\n        return 'after'\n")
        command = [sys.executable, "-m", "infergraph", "reload", "--port", str(served.port)]
        subprocess.run(command, check=True, capture_output=True, timeout=50)
        assert served.request("POST", "/predict", NDARRAY).json["strData"] == "after"


def test_connections_need_not_be_kept() -> None:
    with microservice(FOLDER, "components:Identity", env={"GUNICORN_KEEPALIVE": "0"}) as served:
        assert served.request("POST", "/predict", NDARRAY).status == 200
