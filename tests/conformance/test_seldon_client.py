"""The official client of the seldon protocol, REST and gRPC, against a real `infergraph run`."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conformance.environments import Environment
from tests.local.manifests import predictor, write
from tests.serving import Process, running

# The last version under the Apache licence; its wrapper imports pkg_resources, which setuptools dropped in 81.
SELDON = Environment("seldon", ("seldon-core==1.17.1", "setuptools<81"), newest=(3, 12))
SCRIPT = Path(__file__).with_name("clients") / "seldon_calls.py"
ROWS = [[1.0, 2.0], [5.0, 6.0]]
NAMES = ["a", "b"]
ARMS = '''
import json, os


class Arm:
    """Answers its name, and notes the feedback that it gets in a file of that name."""

    def __init__(self, name):
        self.name = name

    def predict(self, X, names):
        return [[self.name]]

    def send_feedback(self, X, names, reward, truth):
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), self.name), "a") as file:
            print(json.dumps([X.tolist(), reward, truth.tolist()]), file=file)
'''
pytestmark = pytest.mark.timeout(900)
Calls = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def environment(made: Callable[[Environment], Environment]) -> Environment:
    return made(SELDON)


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory, environment: Environment) -> Iterator[Process]:
    """One deployment that answers what it gets, with tags and metrics of its own."""
    with running(write(tmp_path_factory.mktemp("telling"), predictor("p", "Telling"), name="telling")) as process:
        yield process


@pytest.fixture(params=["rest", "grpc"])
def transport(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=["seldon", "ambassador"])
def client(telling: Process, transport: str, request: pytest.FixtureRequest) -> dict[str, Any]:
    """The arguments of a client: straight to the deployment, or by its name behind a gateway."""
    return client_of(telling, transport, request.param, "telling")


def client_of(process: Process, transport: str, gateway: str, name: str) -> dict[str, Any]:
    endpoint = f"127.0.0.1:{process.port}" if transport == "rest" else process.grpc
    named = {"deployment_name": name, "namespace": "default"} if gateway == "ambassador" else {}
    return {"gateway": gateway, "transport": transport, "gateway_endpoint": endpoint, **named}


@pytest.fixture(scope="module")
def calls(environment: Environment) -> Calls:
    """Makes calls with the official client: what came of each."""

    def calls(client: dict[str, Any], method: str, *arguments: dict[str, Any]) -> list[dict[str, Any]]:
        listed = [{"client": client, "method": method, "arguments": given} for given in arguments]
        answers: list[dict[str, Any]] = json.loads(environment.run("python", SCRIPT, stdin=json.dumps(listed)))
        return answers

    return calls


def test_rows_come_back_in_their_encoding(client: dict[str, Any], calls: Calls) -> None:
    kinds = ("ndarray", "tensor")
    given = [{"data": ROWS, "payload_type": kind, "names": NAMES} for kind in kinds]
    for kind, answer in zip(kinds, calls(client, "predict", *given), strict=True):
        assert (answer["success"], answer["message"]) == (True, "")
        data = answer["response"]["data"]
        values = data[kind] if kind == "ndarray" else data[kind]["values"]
        assert values == (ROWS if kind == "ndarray" else [1.0, 2.0, 5.0, 6.0])
        assert data["names"] == ["t:0", "t:1"]


def test_tensorflows_tensor_comes_back(client: dict[str, Any], calls: Calls) -> None:
    shape = {"dim": [{"size": "2"}, {"size": "2"}]}
    tensor = {"dtype": "DT_DOUBLE", "tensorShape": shape, "doubleVal": [1.0, 2.0, 5.0, 6.0]}
    (answer,) = calls(client, "predict", {"raw_data": {"data": {"tftensor": tensor}}})
    assert answer["success"], answer["message"]
    answered = answer["response"]["data"]["tftensor"]
    if content := answered.pop("tensorContent", None):  # as TensorFlow writes it: little-endian doubles
        answered["doubleVal"] = np.frombuffer(base64.b64decode(content), "<f8").tolist()
    assert answered == tensor


def test_texts_bytes_and_json_come_back(client: dict[str, Any], calls: Calls) -> None:
    raw = {"data": {"names": NAMES, "ndarray": [[1, "a"]]}}
    given: list[dict[str, Any]] = [
        {"str_data": "hé"},
        {"bin_data": base64.b64encode(b"\0\xff").decode()},
        {"json_data": {"a": [1, None, "x"]}},
        {"raw_data": raw},
    ]
    text, content, value, rows = (answer["response"] for answer in calls(client, "predict", *given))
    assert text["strData"] == "hé"
    assert base64.b64decode(content["binData"]) == b"\0\xff"
    assert value["jsonData"] == {"a": [1, None, "x"]}
    assert rows["data"]["ndarray"] == [[1, "a"]]


def test_meta_of_the_caller_and_of_the_component_are_joined(client: dict[str, Any], calls: Calls) -> None:
    (answer,) = calls(client, "predict", {"data": ROWS, "meta": {"from": "caller"}})
    meta = answer["response"]["meta"]
    assert meta["tags"] == ({"from": "caller"} if has_meta(client) else {}) | {"version": 1, "names": ["a"]}
    assert meta["requestPath"] == {"model": "img:1.0"}
    assert [metric["key"] for metric in meta["metrics"]] == ["n", "t"]


def has_meta(client: dict[str, Any]) -> bool:
    """The client forgets to send meta over gRPC when there is no gateway between."""
    return (client["transport"], client["gateway"]) != ("grpc", "seldon")


def test_either_return_type(client: dict[str, Any], calls: Calls) -> None:
    given = [{"data": ROWS, "payload_type": "ndarray", "client_return_type": kind} for kind in ("dict", "proto")]
    by_dict, by_proto = calls(client, "predict", *given)
    assert (by_dict["kind"], by_proto["kind"]) == ("dict", "SeldonMessage")
    assert by_dict["response"]["data"]["ndarray"] == by_proto["response"]["data"]["ndarray"] == ROWS


def test_a_refusal_reaches_the_caller(client: dict[str, Any], calls: Calls) -> None:
    (answer,) = calls(client, "predict", {"raw_data": {"data": {"names": ["a"], "ndarray": ROWS}}})
    assert not answer["success"]
    if client["transport"] == "rest":
        assert answer["message"] == "400:Bad Request"
        assert "one name for each of 2 columns" in answer["response"]["status"]["info"]
    else:
        assert "INVALID_ARGUMENT" in answer["message"]
        assert "one name for each of 2 columns" in answer["message"]


@pytest.fixture(scope="module")
def arms(tmp_path_factory: pytest.TempPathFactory, environment: Environment) -> Iterator[tuple[Process, Path]]:
    """An A/B test of two models that note their feedback."""
    folder = tmp_path_factory.mktemp("arms")
    children = []
    for name in ("a", "b"):
        given = {"python_class": "arms:Arm", "name": name}
        listed = [{"name": key, "type": "STRING", "value": value} for key, value in given.items()]
        children.append({"name": name, "type": "MODEL", "parameters": listed})
    graph = {"name": "ab", "implementation": "RANDOM_ABTEST", "children": children}
    containers = [{"name": child["name"], "image": "arm:1.0"} for child in children]
    manifest = write(
        folder, {"name": "p", "graph": graph, "componentSpecs": [{"spec": {"containers": containers}}]}, name="arms"
    )
    (folder / "arms.py").write_text(ARMS)
    with running(manifest) as process:
        yield process, folder


@pytest.mark.parametrize("gateway", ["seldon", "ambassador"])
def test_feedback_reaches_the_arm_that_answered(
    arms: tuple[Process, Path], calls: Calls, transport: str, gateway: str
) -> None:
    process, folder = arms
    client = client_of(process, transport, gateway, "arms")
    request = {"data": {"ndarray": ROWS}}
    (answer,) = calls(client, "predict", {"raw_data": request})
    (arm,) = answer["response"]["data"]["ndarray"][0]
    assert answer["response"]["meta"]["routing"] == {"ab": ("a", "b").index(arm)}
    before = noted(folder)
    truth = {"data": {"ndarray": [[1.0]]}}
    given = {"prediction_request": request, "prediction_response": answer["response"], "prediction_truth": truth}
    (reply,) = calls(client, "feedback", {**given, "reward": 0.5})
    assert reply["success"], reply["message"]
    after = noted(folder)
    assert after[arm] == [*before[arm], [ROWS, 0.5, [[1.0]]]]
    assert sum(map(len, after.values())) == sum(map(len, before.values())) + 1


def noted(folder: Path) -> dict[str, list[Any]]:
    """The feedback that each arm got so far."""
    files = {name: folder / name for name in ("a", "b")}
    return {
        name: [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        for name, file in files.items()
    }
