"""The same deployment on all protocols at once, over a real socket to a real process."""

import json
from typing import Any

import numpy as np
import pytest

from infergraph.errors import VerbatimAnswer
from infergraph.servers.answers import Answer as Answered
from infergraph.servers.answers import Form, answer_to
from tests.servers.attacked import exchange, path, post, request
from tests.serving import Answer, Process

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.0, 3.0, 5.0, 2.0]]


def ask(server: Process, name: str, rest: str, message: Any = None) -> tuple[int, Any]:
    answer: Answer = server.request("GET" if message is None else "POST", path(name, rest), message)
    return answer.status, answer.json


def v2(array: Any = ROWS, **more: Any) -> dict[str, Any]:
    """A request of one input."""
    made = np.asarray(array, dtype=np.float64)
    return {"inputs": [{"name": "x", "shape": made.shape, "datatype": "FP64", "data": made.tolist()}], **more}


def in_binary(server: Process, rows: Any) -> Any:
    """What iris answers to the bytes of these rows, in bytes."""
    content = np.asarray(rows).tobytes()
    given = {"name": "x", "shape": [len(rows), 4], "datatype": "FP64", "parameters": {"binary_data_size": len(content)}}
    head = json.dumps({"inputs": [given], "parameters": {"binary_data_output": True}}).encode()
    lengths = {"Inference_Header_Content_Length": str(len(head)), "Content_Type": "application/octet-stream"}
    (answer,) = exchange(server, post(head + content, to="iris", at="/v2/models/classifier/infer", **lengths))
    assert answer.headers["content-type"] == "application/octet-stream"
    length = int(answer.headers["inference-header-content-length"])
    output = json.loads(answer.body[:length])["outputs"][0]
    assert output["parameters"] == {"binary_data_size": len(answer.body) - length}
    return np.frombuffer(answer.body[length:]).reshape(output["shape"]).tolist()


def test_iris_gives_the_same_numbers_on_every_protocol(server: Process) -> None:
    expected = ask(server, "iris", "/api/v1.0/predictions", {"data": {"ndarray": ROWS}})[1]["data"]["ndarray"]
    output = ask(server, "iris", "/v2/models/classifier/infer", v2())[1]["outputs"][0]
    assert (output["name"], output["datatype"], output["shape"]) == ("predict", "FP64", [2, 3])
    assert np.reshape(output["data"], (2, 3)).tolist() == expected
    assert in_binary(server, ROWS) == expected
    assert ask(server, "iris", "/v1/models/iris:predict", {"instances": ROWS}) == (200, {"predictions": expected})
    assert ask(server, "iris", "/v1/models/iris:predict", {"inputs": {"x": ROWS}}) == (200, {"outputs": expected})


@pytest.mark.parametrize(
    "rest",
    [
        "/v1/models/half_plus_two:predict",
        "/v1/models/half_plus_two/:predict",
        "/v1/models/half_plus_two/versions/1:predict",
        "/v1/models/half:predict",
        "/v1/models/:predict",
        "/v1/models:predict",
        "/v1/models/half_plus_two%3Apredict",
    ],
)
def test_half_plus_two(server: Process, rest: str) -> None:
    answer = server.request("POST", path("half", rest), {"instances": [1.0, 2.0, 5.0]})
    assert answer.body == b'{"predictions":[2.5,3.0,4.5]}'


@pytest.mark.parametrize("name", ["router", "a", "b"])
@pytest.mark.parametrize("version", ["", "/versions/1", "/versions/1.0"])
def test_every_name_means_the_whole_graph(server: Process, name: str, version: str) -> None:
    status, answer = ask(server, "router", f"/v2/models/{name}{version}/infer", v2(id="7"))
    assert (status, answer["model_name"], answer["model_version"], answer["id"]) == (200, name, "1.0", "7")
    assert answer["parameters"] == {"a": 1}


def test_a_graph_has_a_path_of_its_own(server: Process) -> None:
    assert ask(server, "router", "/v2/models/infer", v2())[1]["model_name"] == "router"


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("/v2/models/classifier/ready", {"name": "classifier", "ready": True}),
        ("/v2/models/classifier/versions/1/ready", {"name": "classifier", "ready": True}),
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"live": True, "ready": True}),
    ],
)
def test_readiness(server: Process, rest: str, expected: Any) -> None:
    assert ask(server, "iris", rest) == (200, expected)


def test_metadata_of_a_model(server: Process) -> None:
    tensor = {"datatype": "FP64", "shape": [-1, 4]}
    status, metadata = ask(server, "iris", "/v2/models/classifier")
    assert status == 200
    assert metadata["inputs"] == [{"name": "input", **tensor}]
    status, known = ask(server, "iris", "/v1/models/iris/metadata")
    assert known["model_spec"] == {"name": "iris", "signature_name": "", "version": "1"}
    signature = known["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["inputs"]["input"]["dtype"] == "DT_DOUBLE"
    assert signature["outputs"]["predict"]["tensor_shape"]["dim"][-1] == {"size": "3", "name": ""}


def test_status_of_a_model(server: Process) -> None:
    status, answer = ask(server, "half", "/v1/models/half_plus_two")
    described = {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    assert (status, answer["model_version_status"]) == (200, [described])
    assert (answer["name"], answer["ready"]) == ("half_plus_two", True)


def test_the_index_lists_every_model(server: Process) -> None:
    everything = server.request("POST", "/v2/repository/index").json
    assert {"iris", "classifier", "half", "half_plus_two"} <= {entry["name"] for entry in everything}
    ready = server.request("POST", path("two", "/v2/repository/index"), {"ready": True}).json
    assert [entry["name"] for entry in ready] == ["two", "first", "a", "b"]
    assert server.request("POST", "/v2/repository/index", [1]).status == 400


def test_statistics(server: Process) -> None:
    def counts() -> dict[str, Any]:
        (stats,) = ask(server, "wrong", "/v2/models/model/stats")[1]["model_stats"]
        return dict(stats["inference_stats"])

    before = counts()
    text = {"inputs": [{"name": "x", "shape": [1], "datatype": "BYTES", "data": ["a"]}]}
    assert ask(server, "wrong", "/v2/models/infer", text)[0] == 500
    assert ask(server, "wrong", "/api/v1.0/predictions", {"strData": "a_set"})[0] == 200
    after = counts()
    assert after["fail"]["count"] == before["fail"]["count"] + 1
    assert after["success"]["count"] == before["success"]["count"] + 1
    assert after["success"]["ns"] > before["success"]["ns"]
    listed = ask(server, "wrong", "/v2/models/stats")[1]["model_stats"]
    assert [entry["name"] for entry in listed] == ["wrong", "model"]


ERRORS = [
    ("GET", "/v2/models/a%2fb", 404, "There is no model under"),
    ("GET", "/v2/models/a%0Ab", 404, "There is no model under"),
    ("GET", "/v2/models/%00/ready", 404, "There is no model under"),
    ("GET", "/v1/models/%2e%2e", 404, "There is no model under"),
    ("POST", "/v2/models/nobody/infer", 404, "There is no model under"),
    ("GET", "/v2/models/nobody", 404, "There is no model under"),
    ("GET", "/v2/nothing", 404, "There is no model under"),
    ("GET", "/v1/models/nobody", 404, "There is no model under"),
    ("POST", "/v1/models/nobody:predict", 404, "There is no model under"),
    ("POST", "/v1/models/nobody/versions/1:predict", 404, "There is no model under"),
    ("POST", "/v2/models/wrong/versions/7/infer", 404, "There is no version '7' of model wrong; it has version 1.0"),
    ("POST", "/v1/models/wrong/versions/7:predict", 404, "There is no version '7'"),
    ("GET", "/v2/models/wrong/infer", 405, "takes POST, got GET"),
    ("GET", "/v1/models/wrong:predict", 405, "takes POST, got GET"),
    ("POST", "/v2/models/wrong", 405, "takes GET, HEAD, got POST"),
    ("POST", "/v1/models/wrong:predict", 400, "Expected either `instances` or `inputs`"),
]


@pytest.mark.parametrize(("method", "rest", "status", "words"), ERRORS)
def test_errors_have_the_form_of_their_protocols(
    server: Process, method: str, rest: str, status: int, words: str
) -> None:
    answer = server.request(method, path("wrong", rest), {} if method == "POST" else None)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/json")
    assert answer.json.keys() == {"error"}
    assert words in answer.json["error"]


@pytest.mark.parametrize(("rest", "key"), [("/v2/models/infer", "inputs"), ("/v1/models:predict", "instances")])
def test_a_failing_component_is_answered_in_the_form_of_the_protocol(server: Process, rest: str, key: str) -> None:
    tensor = {"name": "x", "shape": [1], "datatype": "FP32", "data": [1.0]}
    answer = server.request("POST", path("wrong", rest), {key: [tensor if key == "inputs" else 1.0]})
    assert (answer.status, answer.json.keys()) == (500, {"error"})
    assert answer.headers["infergraph-unit"] == "model"


def test_a_raw_component_gets_a_message_of_the_seldon_protocol(server: Process) -> None:
    answer = server.request("POST", path("raw", "/v2/models/infer"), v2())
    assert (answer.status, answer.json) == (500, {"error": "'jsonData'"})


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_the_type_that_curl_sends_is_read_as_json(server: Process, kind: str) -> None:
    assert server.request("POST", path("iris", "/v2/models/infer"), v2(), {"Content-Type": kind}).status == 200
    rows = {"instances": ROWS}
    assert server.request("POST", path("iris", "/v1/models:predict"), rows, {"Content-Type": kind}).status == 200


def test_a_status_of_the_components_own_keeps_it_in_the_form_of_the_protocol() -> None:
    error = VerbatimAnswer(418, b'{"status":{"code":418,"info":"short and stout"}}')
    assert answer_to(error, "p", Form.ERROR) == Answered(418, b'{"error":"short and stout"}')
    assert answer_to(VerbatimAnswer(418, b"{}"), "p", Form.ERROR).body == b'{"error":"the component answered 418"}'
    assert answer_to(VerbatimAnswer(204, b"{}"), "p", Form.ERROR).body == b""


def test_what_nobody_expected_has_the_form_of_the_protocol() -> None:
    answer = answer_to(RuntimeError("a"), "puid-1", Form.ERROR)
    assert (answer.status, answer.body) == (500, b'{"error":"RuntimeError: a (request puid-1)"}')


def test_compressed_bodies(server: Process) -> None:
    answer = server.request("POST", path("iris", "/v2/models/infer"), b"x", {"Content-Encoding": "gzip"})
    assert (answer.status, answer.json.keys()) == (400, {"error"})


@pytest.mark.parametrize("rest", ["/v2/models/infer", "/v1/models:predict", "/v2", "/v2/models/iris"])
def test_options(server: Process, rest: str) -> None:
    (answer,) = exchange(server, request("OPTIONS", path("iris", rest), {}))
    assert (answer.status, answer.body) == (200, b"")
