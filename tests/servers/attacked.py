"""One real server process with many deployments, small limits, and a victim for every attack."""

import json
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.servers.raw import Answer, answers, read_to_end
from tests.serving import Process, running

BODY_BYTES = 8_000_000
GROWTH_BYTES = 400_000_000
GOOD = b'{"strData":"x"}'
Graph = dict[str, Any]


class Attack(NamedTuple):
    """What is sent, and what comes back: a status, and some words of the body."""

    raw: bytes
    status: int
    words: str = ""


def unit(name: str, victim: str, kind: str = "MODEL", *children: Graph, **parameters: str) -> Graph:
    """A unit whose code is a class of victims.py."""
    given = {"python_class": f"victims:{victim}", **parameters}
    listed = [{"name": key, "type": "STRING", "value": value} for key, value in given.items()]
    return {"name": name, "type": kind, "parameters": listed, "children": list(children)}


IDENTITY = unit("identity", "Identity")
PAIR = (unit("a", "Identity", tag="a"), unit("b", "Identity", tag="b"))
VICTIMS = ("Raw", "Wrong", "Health", "Blocked", "Ill", "Odd", "Listed", "Inputless")
GRAPHS: dict[str, Graph] = {
    "identity": IDENTITY,
    "iris": {"name": "classifier", "implementation": "SKLEARN_SERVER", "modelUri": "./model"},
    "mock": unit("classifier", "MockClassifier"),
    "half": unit("half_plus_two", "HalfPlusTwo"),
    "fixed-1": unit("classifier", "Fixed", version="0.1"),
    "fixed-2": unit("classifier", "Fixed", version="0.2"),
    "router": unit("router", "Router", "ROUTER", *PAIR),
    "two": unit("first", "First", "COMBINER", *PAIR),
    "one": unit("first", "First", "COMBINER", IDENTITY),
    "none": unit("first", "First", "COMBINER"),
    "average": {"name": "average", "implementation": "AVERAGE_COMBINER", "children": [IDENTITY]},
    **{name.lower(): unit("model", name) for name in VICTIMS},
}
IMAGES = {"mock": "seldonio/mock_classifier:1.16.0-dev", "identity": "img:1.0"}


def deployment(name: str, graph: Graph) -> dict[str, Any]:
    """A manifest with one predictor."""
    image = IMAGES.get(name, f"example/{name}:1.0")
    containers = [{"name": one["name"], "image": image} for one in _units(graph) if "implementation" not in one]
    predictor = {"name": "default", "graph": graph, "componentSpecs": [{"spec": {"containers": containers}}]}
    kind = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment"}
    return {**kind, "metadata": {"name": name}, "spec": {"predictors": [predictor]}}


def _units(graph: Graph) -> list[Graph]:
    return [graph, *(unit for child in graph.get("children", []) for unit in _units(child))]


@contextmanager
def attacked(folder: Path, iris_model: Path) -> Iterator[Process]:
    """A server for all of GRAPHS, and a look at it when everything is over."""
    shutil.copy(Path(__file__).with_name("victims.py"), folder)
    shutil.copytree(iris_model, folder / "model")
    manifest = folder / "all.yaml"
    manifest.write_text("\n---\n".join(json.dumps(deployment(*item)) for item in GRAPHS.items()))
    limits = {"header-timeout-s": 0.5, "body-timeout-s": 0.5, "body-bytes": BODY_BYTES}
    flags = [text for name, value in limits.items() for text in (f"--{name}", str(value))]
    with running(manifest, *flags) as process:
        before = _memory_bytes(process)
        yield process
        assert _memory_bytes(process) - before < GROWTH_BYTES
        assert process.stop() == 0
        assert not process.errors
        failed = [event for event in process.events if "exception" in event or event["level"] == "error"]
        assert {event["event"] for event in failed} <= {"component_failed", "component_answer_refused"}, failed


def _memory_bytes(process: Process) -> int:
    status = Path(f"/proc/{process.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def path(name: str, rest: str = "/api/v1.0/predictions") -> str:
    """A path of a deployment."""
    return f"/seldon/default/{name}{rest}"


def request(method: str, target: str, headers: dict[str, str], body: bytes | None = None) -> bytes:
    """A request as bytes, the last one of its connection."""
    length = {} if body is None else {"Content-Length": str(len(body))}
    given = {"Host": "a", "Connection": "close", **length, **headers}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + (body or b"")


def post(body: bytes, *, to: str = "identity", at: str = "/api/v1.0/predictions", **headers: str) -> bytes:
    """A POST of a body, JSON unless ``Content_Type`` says otherwise."""
    named = {name.replace("_", "-"): value for name, value in {"Content_Type": "application/json", **headers}.items()}
    return request("POST", path(to, at), named, body)


def exchange(process: Process, raw: bytes) -> list[Answer]:
    """What the server answers until it closes the connection."""
    with socket.create_connection(("127.0.0.1", process.port), timeout=30) as client:
        client.sendall(raw)
        return answers(read_to_end(client))


def assert_answered(process: Process, attack: Attack) -> None:
    """The attack is answered as expected, a refusal in our form, and the next caller is served."""
    answer = exchange(process, attack.raw)[0]
    assert answer.status == attack.status, answer.body[:300]
    assert attack.words in answer.body.decode()
    if attack.status != 200:
        assert_is_refusal(answer)
    assert_unharmed(process)


def assert_unharmed(process: Process) -> None:
    """The next caller is served."""
    assert process.process.poll() is None
    assert process.predict({"strData": "hello"}, path("identity", "")).json["strData"] == "hello"


def assert_is_refusal(answer: Answer) -> None:
    """A Status in the engine's or in the wrapper's form, with nothing of the machine in it."""
    assert answer.headers["content-type"] == "application/json"
    status = json.loads(answer.body)["status"]
    assert status.keys() == {"code", "info", "reason", "status"}
    assert (status["code"], status["status"]) in [(-1, 1), (answer.status, "FAILURE")]
    assert len(status["info"]) < 600
    assert not re.search(r"Traceback|\.py\b|site-packages|/tmp/|/home/|/work/|0x[0-9a-f]{6}", status["info"])
