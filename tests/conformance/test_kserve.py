"""KServe's official clients against a real `infergraph run`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.environments import Environment
from tests.conformance.served import iris_and_echo
from tests.serving import Process

KSERVE = Environment("kserve", ("kserve==0.21.0",))
SCRIPT = Path(__file__).with_name("clients") / "kserve_calls.py"
ROWS = [[5.1, 3.5, 1.4, 0.2], [6.0, 3.0, 5.0, 2.0]]
pytestmark = pytest.mark.timeout(900)
Calls = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def environment(made: Callable[[Environment], Environment]) -> Environment:
    return made(KSERVE)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, iris_model: Path, environment: Environment) -> Iterator[Process]:
    with iris_and_echo(tmp_path_factory.mktemp("kserve"), iris_model) as process:
        yield process


@pytest.fixture
def calls(process: Process, environment: Environment) -> Calls:
    """Makes calls with the official clients: what came of each."""

    def calls(*made: dict[str, Any]) -> list[dict[str, Any]]:
        listed = [one | {"at": process.grpc, "arguments": _addressed(process, one)} for one in made]
        answers: list[dict[str, Any]] = json.loads(environment.run("python", SCRIPT, stdin=json.dumps(listed)))
        return answers

    return calls


def _addressed(process: Process, call: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call with the deployment that they are for: in the URL, or in the metadata."""
    if call["client"] == "grpc":
        return {"headers": [["seldon", call["to"]]], **call["arguments"]}
    base = f"http://127.0.0.1:{process.port}/seldon/default/{call['to']}{call['path']}"
    return {"base_url": base, **call["arguments"]}


def rest(protocol: str, method: str, to: str = "iris", path: str = "", **arguments: Any) -> dict[str, Any]:
    """A call with the REST client of a protocol."""
    request = arguments.pop("request", None)
    made = {"client": protocol, "method": method, "to": to, "path": path, "arguments": arguments}
    return made | ({"request": {"model": to, **request}} if request else {})


def grpc(method: str, to: str = "iris", **arguments: Any) -> dict[str, Any]:
    """A call with the gRPC client."""
    return rest("grpc", method, to, **arguments)


def tensor(values: Any, datatype: str = "FP64", *, is_binary: bool = True) -> dict[str, Any]:
    """An input of a request."""
    return {"name": "x", "datatype": datatype, "values": values, "is_binary": is_binary}


def classes(rows: list[list[float]]) -> list[int]:
    """The class of each row of probabilities."""
    return [row.index(max(row)) for row in rows]


def test_version_1_predicts(calls: Calls) -> None:
    (made,) = calls(rest("v1", "infer", data={"instances": ROWS}, model_name="iris"))
    assert classes(made["answer"]["predictions"]) == [0, 2]


def test_version_1_says_whether_a_model_is_ready(calls: Calls) -> None:
    known, missing = calls(*(rest("v1", "is_model_ready", model_name=name) for name in ("classifier", "roses")))
    assert known == {"answer": True}
    assert missing["kind"] == "HTTPStatusError"
    assert "There is no model" in missing["error"]


def test_version_2_says_what_is_ready(calls: Calls) -> None:
    models = (rest("v2", "is_model_ready", model_name=name) for name in ("classifier", "roses"))
    answers = calls(rest("v2", "is_server_live"), rest("v2", "is_server_ready"), *models)
    assert [one["answer"] for one in answers] == [True, True, True, False]


@pytest.mark.parametrize("is_binary", [True, False])
def test_version_2_infers(calls: Calls, is_binary: bool) -> None:
    wanted: list[dict[str, Any]] = [{}, {"outputs": ["predict"]}, {"parameters": {"binary_data_output": True}}]
    inputs = [tensor(ROWS, is_binary=is_binary)]
    requests = ({"inputs": inputs, "request_id": "7", **more} for more in wanted)
    for made in calls(*(rest("v2", "infer", request=request, model_name="iris") for request in requests)):
        (output,) = made["answer"]["outputs"]
        assert (made["answer"]["id"], made["answer"]["model"]) == ("7", "iris")
        assert (output["name"], output["datatype"]) == ("predict", "FP64")
        assert classes(output["values"]) == [0, 2]


@pytest.mark.parametrize("is_binary", [True, False])
def test_datatypes_come_back(calls: Calls, is_binary: bool) -> None:
    given = {"FP32": [[0.5]], "INT64": [2**62], "UINT8": [255], "BOOL": [True, False], "BYTES": ["a", "é"]}
    given |= {"FP16": [1.0, -2.5]} if is_binary else {}  # which the client sends as bytes only
    inputs = [tensor(values, datatype, is_binary=is_binary) for datatype, values in given.items()]
    made = calls(*(rest("v2", "infer", "echo", request={"inputs": [one]}, model_name="echo") for one in inputs))
    outputs = [one["answer"]["outputs"][0] for one in made]
    assert {output["datatype"]: output["values"] for output in outputs} == given


def test_a_whole_graph_is_asked_at_any_of_its_paths(calls: Calls) -> None:
    v2 = {"inputs": [{"name": "x", "shape": [2, 4], "datatype": "FP64", "data": ROWS}]}
    messages = {
        "/api/v1.0/predictions": {"data": {"ndarray": ROWS}},
        "/v1/models/iris:predict": {"instances": ROWS},
        "/v2/models/infer": v2,
    }
    made = (rest("v1", "infer", path=path, data=data, is_graph_endpoint=True) for path, data in messages.items())
    seldon, tensorflow, inference = (one["answer"] for one in calls(*made))
    assert classes(seldon["data"]["ndarray"]) == [0, 2]
    assert seldon["data"]["ndarray"] == tensorflow["predictions"]
    assert [value for row in seldon["data"]["ndarray"] for value in row] == inference["outputs"][0]["data"]


def test_refusals_say_why(calls: Calls) -> None:
    narrow = [[1.0, 2.0]]
    refused = calls(
        rest("v1", "infer", model_name="iris", data={"instances": narrow}),
        rest("v2", "infer", model_name="iris", request={"inputs": [tensor(narrow)]}),
    )
    for one in refused:
        assert one["kind"] == "HTTPStatusError"
        assert one["error"].startswith("the model takes rows of 4 numbers, and row 0 has 2, '400 Bad Request'")


def test_grpc_says_what_is_ready(calls: Calls) -> None:
    models = (grpc("is_model_ready", model_name=name) for name in ("classifier", "roses"))
    live, ready, model, missing = calls(grpc("is_server_live"), grpc("is_server_ready"), *models)
    assert [live, ready, model] == [{"answer": True}] * 3
    assert "There is no model" in missing["error"]
    assert "NOT_FOUND" in missing["error"]


@pytest.mark.parametrize("is_binary", [True, False])
def test_grpc_infers_as_rest_does(calls: Calls, is_binary: bool) -> None:
    request = {"inputs": [tensor(ROWS, is_binary=is_binary)], "request_id": "7"}
    by_grpc, by_rest = calls(grpc("infer", request=request), rest("v2", "infer", request=request, model_name="iris"))
    assert by_grpc["answer"] == by_rest["answer"]
    assert classes(by_grpc["answer"]["outputs"][0]["values"]) == [0, 2]


@pytest.mark.parametrize("is_binary", [True, False])
def test_datatypes_come_back_over_grpc(calls: Calls, is_binary: bool) -> None:
    given = {"FP32": [[0.5]], "FP64": [0.1], "INT64": [2**62], "UINT8": [255], "BOOL": [True, False]}
    given |= {"FP16": [1.0, -2.5], "BYTES": ["a", "é"]} if is_binary else {}
    inputs = [tensor(values, datatype, is_binary=is_binary) for datatype, values in given.items()]
    made = calls(*(grpc("infer", "echo", request={"inputs": [one]}) for one in inputs))
    outputs = [one["answer"]["outputs"][0] for one in made]
    assert {output["datatype"]: output["values"] for output in outputs} == given


def test_refusals_over_grpc_say_why(calls: Calls) -> None:
    (refused,) = calls(grpc("infer", request={"inputs": [tensor([[1.0, 2.0]])]}))
    assert "INVALID_ARGUMENT" in refused["error"]
    assert "the model takes rows of 4 numbers, and row 0 has 2" in refused["error"]
