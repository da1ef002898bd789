"""Components in other processes that end, hang and come back, with an engine in front of them."""

import contextlib
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.faults.remote import GOOD, component, engine, remote
from tests.local.steady_load import steady_load
from tests.ports import free_port, free_ports
from tests.serving import Process, running

COMPONENTS = '''
import ctypes, os, signal, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
ENDINGS = {
    "SIGKILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "SIGSEGV": lambda: ctypes.string_at(0),
    "os._exit": lambda: os._exit(3),
}


class Model:
    """Ends its process in the way that a request names; doubles numbers."""

    def predict(self, X, names):
        if X.dtype.kind in "UO":
            ENDINGS[X[0][0]]()
        return X * 2


class Plain:
    """Ends nothing."""

    def predict(self, X, names):
        return X * 2 if X.dtype.kind == "f" else [[0.0, 0.0]]


class Which:
    """Says who it is."""

    def predict(self, X, names):
        return [[os.getpid(), "a"]]


class Held:
    """Answers when the file `go` is there."""

    def predict(self, X, names):
        while not os.path.exists(os.path.join(HERE, "go")):
            time.sleep(0.005)
        return X


class Moody:
    """Is ill when the file `ill` is there."""

    def predict(self, X, names):
        return X

    def health_status(self):
        if os.path.exists(os.path.join(HERE, "ill")):
            raise RuntimeError("ill")
        return "well"


class Slow:
    """Takes more than half of the time that the test gives a call."""

    def predict(self, X, names):
        time.sleep(1.6)
        return X
'''

MANIFEST = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: d}
spec:
  predictors:
  - name: p
    graph: {name: m, type: MODEL}
    componentSpecs: [{spec: {containers: [{name: m, image: "img:1"}]}}]
"""


def reason(answer: Any) -> tuple[int, str]:
    return answer.status, answer.json["status"]["reason"]


def metric(process: Process, name: str) -> float:
    lines = process.request("GET", "/metrics").body.decode().splitlines()
    return float(next(line.rpartition(" ")[2] for line in lines if line.startswith(f"{name}{{")))


def asked_until(process: Process, status: int) -> Any:
    """The first answer of this status; the test's own time limit ends it."""
    while (answer := process.predict(GOOD)).status != status:
        pass
    return answer


@pytest.mark.timeout(120)
def test_a_component_that_is_killed_and_comes_back_is_told_once_and_answers_again(tmp_path: Path) -> None:
    (tmp_path / "my.py").write_text(COMPONENTS)
    port = free_port()
    with component(tmp_path, "my:Model", port) as first, engine(tmp_path, remote("m", "MODEL", port)) as process:
        assert process.predict(GOOD).json["data"]["ndarray"] == [[2.0, 4.0]]
        first.process.kill()
        first.process.wait()
        refused = [process.predict(GOOD) for _ in range(20)]
        assert {reason(answer) for answer in refused[1:]} == {(503, "COMPONENT_UNREACHABLE")}
        assert reason(refused[0]) in {(503, "COMPONENT_UNREACHABLE"), (500, "COMPONENT_LOST")}
        assert refused[-1].headers["retry-after"] == "1"
        assert f"Unit `m` cannot be reached at 127.0.0.1:{port}" in refused[-1].json["status"]["info"]
        assert process.wait_for("circuit_opened")["address"] == f"127.0.0.1:{port}"
        assert metric(process, "infergraph_circuit_open") == 1
        with component(tmp_path, "my:Model", port):
            assert asked_until(process, 200).json["data"]["ndarray"] == [[2.0, 4.0]]
            assert process.wait_for("circuit_closed")["unit"] == "m"
            assert metric(process, "infergraph_circuit_open") == 0
            assert metric(process, "infergraph_circuit_opened_total") == 1
            while process.request("GET", "/ready").status != 200:  # it looks once a second
                pass
    told = [event["event"] for event in process.events]
    assert (told.count("circuit_opened"), told.count("circuit_closed")) == (1, 1)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("ending", ["SIGKILL", "SIGSEGV", "os._exit"])
def test_a_component_that_ends_its_process_takes_its_own_request_only(tmp_path: Path, ending: str) -> None:
    (tmp_path / "my.py").write_text(COMPONENTS)
    port, other = free_ports(2)
    graph = {
        "name": "root",
        "implementation": "AVERAGE_COMBINER",
        "children": [remote("m", "MODEL", port), remote("n", "MODEL", other)],
    }
    with component(tmp_path, "my:Plain", other), contextlib.ExitStack() as stack:
        with component(tmp_path, "my:Model", port) as first:
            process = stack.enter_context(engine(tmp_path, graph))
            lost = process.predict({"data": {"ndarray": [[ending]]}})
            assert reason(lost) == (500, "COMPONENT_LOST")
            assert "Unit `m`" in lost.json["status"]["info"]
            first.process.wait()
        with component(tmp_path, "my:Model", port):
            assert asked_until(process, 200).json["data"]["ndarray"] == [[2.0, 4.0]]


@pytest.mark.timeout(120)
def test_a_slow_component_is_named_and_the_next_request_is_answered(tmp_path: Path) -> None:
    (tmp_path / "my.py").write_text(COMPONENTS)
    port = free_port()
    timeout = {"seldon.io/rest-timeout": "300"}
    graph = remote("m", "MODEL", port)
    with component(tmp_path, "my:Held", port), engine(tmp_path, graph, annotations=timeout) as process:
        slow = process.predict(GOOD)
        assert reason(slow) == (504, "COMPONENT_TOO_SLOW")
        assert slow.json["status"]["info"] == (
            f"Unit `m` at 127.0.0.1:{port} gave no answer to http://127.0.0.1:{port}/predict within 0.3 s, "
            "the limit that annotation seldon.io/rest-timeout sets"
        )
        (tmp_path / "go").touch()
        assert asked_until(process, 200).json["data"]["ndarray"] == [[1.0, 2.0]]


@pytest.mark.timeout(120)
def test_each_call_of_a_chain_has_the_whole_time(tmp_path: Path) -> None:
    (tmp_path / "my.py").write_text(COMPONENTS)
    ports = free_ports(2)
    graph = remote("a", "MODEL", ports[0], remote("b", "MODEL", ports[1]))
    timeout = {"seldon.io/rest-timeout": "3000"}
    with (
        component(tmp_path, "my:Slow", ports[0]),
        component(tmp_path, "my:Slow", ports[1]),
        engine(tmp_path, graph, annotations=timeout) as process,
    ):
        assert process.predict(GOOD).json["data"]["ndarray"] == [[1.0, 2.0]]


@pytest.mark.timeout(120)
def test_an_engine_asks_how_components_are_when_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "my.py").write_text(COMPONENTS)
    port = free_port()
    graph = remote("m", "MODEL", port)
    with component(tmp_path, "my:Moody", port), engine(tmp_path, graph, "--full_health_checks") as process:
        assert process.request("GET", "/ready").status == 200
        (tmp_path / "ill").touch()
        assert process.wait_for("units_unreachable")["units"] == [f"m (127.0.0.1:{port})"]
        assert process.request("GET", "/ready").status == 503
        assert process.predict(GOOD).status == 200  # it is there all the same
        (tmp_path / "ill").unlink()
        process.wait_for("units_reachable")
        assert process.request("GET", "/ready").status == 200


@pytest.mark.timeout(120)
def test_reloads_under_load_lose_no_request_to_a_component(tmp_path: Path) -> None:
    (tmp_path / "my.py").write_text(COMPONENTS)
    port = free_port()
    manifest = tmp_path / "m.yaml"
    manifest.write_text(MANIFEST)
    with (
        component(tmp_path, "my:Which", port),
        running(manifest, "--endpoint", f"m=127.0.0.1:{port}", "--workers", "1") as process,
        steady_load(process.port, 8) as load,
    ):
        for _ in range(2):
            load.wait_for_more(200)
            process.process.send_signal(signal.SIGHUP)
            process.wait_for("reloaded")
        load.wait_for_more(200)
        load.stop()
        assert load.problems == []
        assert {exchange.status for exchange in load.exchanges} == {200}
        assert process.stop() == 0
