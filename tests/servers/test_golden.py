"""The answers that SELDON_V1 §12 records of Seldon Core itself, over a real socket."""

import json
from typing import Any

import pytest

from tests.servers.attacked import path
from tests.serving import Process


def ask(server: Process, name: str, message: Any, rest: str = "/api/v1.0/predictions") -> tuple[int, Any]:
    answer = server.request("POST", path(name, rest), message)
    return answer.status, answer.json


def test_mock_classifier(server: Process) -> None:
    status, answer = ask(server, "mock", {"data": {"ndarray": [[1.0, 2.0, 5.0]]}})
    assert status == 200
    assert answer["data"]["ndarray"][0] == [pytest.approx(0.43782349911420193, abs=1e-9)]
    assert answer == {
        "data": {"names": ["proba"], "ndarray": answer["data"]["ndarray"]},
        "meta": {"requestPath": {"classifier": "seldonio/mock_classifier:1.16.0-dev"}},
    }


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([1.0, 2.0, 5.0, 6.0], [9.912315378486697e-07, 0.0007015931307746079, 0.9992974156376876]),
        ([5.964, 4.006, 2.081, 1.031], [0.9548873249364169, 0.04505474761561406, 5.7927447968952436e-05]),
    ],
)
def test_sklearn_iris(server: Process, row: list[float], expected: list[float]) -> None:
    _, answer = ask(server, "iris", {"data": {"ndarray": [row]}})
    assert answer["data"]["names"] == ["t:0", "t:1", "t:2"]
    assert answer["data"]["ndarray"][0] == pytest.approx(expected, abs=1e-9)
    assert answer["meta"]["requestPath"].keys() == {"classifier"}


@pytest.mark.parametrize(("name", "rows"), [("fixed-1", [[1, 2, 3, 4]]), ("fixed-2", [[5, 6, 7, 8]])])
def test_fixed_models(server: Process, name: str, rows: list[list[int]]) -> None:
    assert ask(server, name, {"data": {"ndarray": [[0]]}})[1]["data"]["ndarray"] == rows


def test_identity_of_a_text(server: Process) -> None:
    answer = server.predict({"strData": "hi"}, path("identity", ""))
    assert answer.body == b'{"meta":{"requestPath":{"identity":"img:1.0"}},"strData":"hi"}'


def test_aggregate_of_two_with_tags(server: Process) -> None:
    _, answer = ask(server, "two", {"data": {"ndarray": [[1, 2]]}})
    assert answer["data"]["ndarray"] == [[1, 2]]
    assert answer["meta"]["tags"] == {"a": 1, "b": 1}
    assert answer["meta"]["requestPath"] == dict.fromkeys(("first", "a", "b"), "example/two:1.0")


def test_status_of_a_unit(server: Process) -> None:
    answer = server.request("GET", path("identity", "/api/v1.0/status/identity"))
    assert answer.body == b'{"meta":{"requestPath":{"identity":"img:1.0"}},"strData":"healthy"}'


def test_metadata_of_a_unit(server: Process) -> None:
    answer = server.request("GET", path("identity", "/api/v1.0/metadata/identity"))
    assert answer.body == b'{"custom":{},"inputs":[],"name":"img","outputs":[],"platform":"","versions":["1.0"]}'


def wrapper_error(info: str, reason: str) -> dict[str, Any]:
    return {"status": {"code": -1, "info": info, "reason": reason, "status": 1}}


UNKNOWN = "Unknown data type returned as payload (must be list or np array):"


@pytest.mark.parametrize(
    ("name", "message", "status", "info", "reason"),
    [
        ("identity", {}, 400, "Invalid request data type: {}", "MICROSERVICE_BAD_DATA"),
        ("wrong", {"strData": "none"}, 400, f"{UNKNOWN}None", "MICROSERVICE_BAD_DATA"),
        ("wrong", {"strData": "a_float"}, 400, f"{UNKNOWN}1.5", "MICROSERVICE_BAD_DATA"),
        ("wrong", {"strData": "bad_value"}, 500, "bad value", "MICROSERVICE_INTERNAL_ERROR"),
    ],
)
def test_errors_word_for_word(server: Process, name: str, message: Any, status: int, info: str, reason: str) -> None:
    assert ask(server, name, message) == (status, wrapper_error(info, reason))


def test_a_raw_answer_with_a_status_is_sent_as_it_is(server: Process) -> None:
    teapot = {"status": {"code": 418, "info": "short and stout"}, "extra": [1]}
    assert ask(server, "raw", {"jsonData": teapot}) == (418, teapot)


def test_feedback_with_an_unknown_field(server: Process) -> None:
    status, answer = ask(server, "identity", {"rewardx": 1}, "/api/v1.0/feedback")
    assert status == 400
    assert answer["status"]["info"].startswith(
        'Invalid JSON: Message type "seldon.protos.Feedback" has no field named "rewardx" at "Feedback".'
    )


def test_empty_feedback(server: Process) -> None:
    _, answer = ask(server, "identity", {"request": {"data": {"ndarray": [[1]]}}}, "/api/v1.0/feedback")
    assert answer["data"]["ndarray"] == []


@pytest.mark.parametrize("version", ["v0.1", "v1.0"])
def test_both_versions_of_the_paths(server: Process, version: str) -> None:
    assert ask(server, "identity", {"strData": "x"}, f"/api/{version}/predictions")[0] == 200
    assert ask(server, "identity", {}, f"/api/{version}/feedback")[0] == 200


def test_the_wrappers_body_has_its_bytes(server: Process) -> None:
    info = json.dumps({"code": -1, "info": "bad value", "reason": "MICROSERVICE_INTERNAL_ERROR", "status": 1})
    body = server.predict({"strData": "bad_value"}, path("wrong", "")).body
    assert body.decode() == f'{{"status":{info}}}'.replace(", ", ",").replace(": ", ":")
