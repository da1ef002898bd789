"""One class served alone over REST, each time by a real process."""

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.serving import Process, microservice

FOLDER = Path(__file__).parent
UNIT = {"PREDICTIVE_UNIT_ID": "classifier", "PREDICTIVE_UNIT_IMAGE": "seldonio/mock_classifier:1.16.0-dev"}
PATH = {"requestPath": {"classifier": "seldonio/mock_classifier:1.16.0-dev"}}
NDARRAY = {"data": {"names": ["a", "b"], "ndarray": [[1, 2]]}}
TENSOR = {"data": {"names": ["a", "b"], "tensor": {"shape": [1, 2], "values": [1, 2]}}}
TFTENSOR = {"data": {"tftensor": {"dtype": "DT_DOUBLE", "tensorShape": {"dim": [{"size": "1"}]}, "doubleVal": [1.5]}}}
KINDS: dict[str, dict[str, Any]] = {
    "ndarray": NDARRAY,
    "tensor": TENSOR,
    "tftensor": TFTENSOR,
    "strData": {"strData": "some text"},
    "binData": {"binData": base64.b64encode(b"\x00\xff").decode()},
    "jsonData": {"jsonData": {"a": [1, {"b": None}]}},
}
RETURNED: dict[str, tuple[str, dict[str, Any]]] = {
    "array": ("__import__('numpy').array([[1.5, 2.0]])", {"tensor": {"shape": [1, 2], "values": [1.5, 2.0]}}),
    "list": ("[[1, 2]]", {"tensor": {"shape": [1, 2], "values": [1, 2]}}),
    "text list": ("[['a', 'b']]", {"ndarray": [["a", "b"]]}),
    "text": ("'text'", {"strData": "text"}),
    "bytes": ("b'ab'", {"binData": "YWI="}),
    "dict": ("{'a': 1}", {"jsonData": {"a": 1}}),
}


@pytest.fixture(scope="module")
def identity() -> Iterator[Process]:
    with microservice(FOLDER, "components:Identity", env=UNIT) as served:
        yield served


@pytest.fixture(scope="module")
def returning() -> Iterator[Process]:
    with microservice(FOLDER, "components:Returning") as served:
        yield served


@pytest.fixture(scope="module")
def nothing() -> Iterator[Process]:
    with microservice(FOLDER, "components:Nothing") as served:
        yield served


@pytest.fixture(scope="module")
def router() -> Iterator[Process]:
    with microservice(FOLDER, "components:Router", env=UNIT) as served:
        yield served


def failed(info: str, reason: str = "MICROSERVICE_BAD_DATA") -> dict[str, Any]:
    """The v1 wrapper's body of an error."""
    return {"status": {"code": -1, "info": info, "reason": reason, "status": 1}}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", ["/predict", "/transform-input", "/transform-output", "/api/v1.0/predictions"])
def test_every_kind_of_message_comes_back_as_it_went(identity: Process, path: str, kind: str) -> None:
    answer = identity.request("POST", path, KINDS[kind])
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    message = answer.json
    assert message.pop("meta") == PATH
    names = message.get("data", {}).pop("names", None)
    question = json.loads(json.dumps(KINDS[kind]))
    given = question.get("data", {}).pop("names", None)
    assert message == question
    if given and path == "/transform-input":
        assert names == given
    elif given:
        assert names == ["t:0", "t:1"]


@pytest.mark.parametrize("returned", RETURNED)
def test_every_kind_of_result_has_its_place(returning: Process, returned: str) -> None:
    code, expected = RETURNED[returned]
    message = returning.request("POST", "/predict", {"strData": code}).json
    data = message.get("data", message)
    assert {key: value for key, value in data.items() if key not in ("names", "meta")} == expected


@pytest.mark.parametrize(("result", "said"), [("None", "None"), ("1.5", "1.5"), ("{1}", "set")])
def test_what_no_message_can_hold_is_said_as_the_v1_wrapper_says_it(returning: Process, result: str, said: str) -> None:
    answer = returning.request("POST", "/predict", {"strData": result})
    assert answer.status == 400
    assert answer.json == failed(f"Unknown data type returned as payload (must be list or np array):{said}")


def test_golden_model() -> None:
    given = '[{"name":"threshold","type":"FLOAT","value":"2.9166666666666665"}]'
    with microservice(FOLDER, "components:Mean", "--parameters", given, env=UNIT) as served:
        answer = served.request("POST", "/predict", {"data": {"ndarray": [[1.0, 2.0, 5.0]]}})
        assert answer.json["data"]["names"] == ["proba"]
        assert answer.json["data"]["ndarray"][0] == pytest.approx([0.43782349911420193])
        assert answer.json["meta"] == PATH


def test_golden_router(router: Process) -> None:
    tags = {"tags": {"router": "r"}}
    answer = router.request("POST", "/route", {**NDARRAY, "meta": {"puid": "x", "tags": {"a": 1}}})
    assert answer.json == {"data": {"names": ["t:0"], "ndarray": [[1]]}, "meta": {**PATH, **tags, "puid": "x"}}
    answer = router.request("POST", "/route", {"strData": "x"})
    tensor = {"shape": [1, 1], "values": [1]}
    assert answer.json == {"data": {"names": ["t:0"], "tensor": tensor}, "meta": {**PATH, **tags}}


@pytest.mark.parametrize("result", ["'a'", "1.5", "None", "True"])
def test_a_branch_is_an_integer(router: Process, result: str) -> None:
    answer = router.request("POST", "/route", {"strData": result})
    assert answer.status == 500
    assert answer.json["status"]["info"] == f"Unit `classifier`: Routing response must be int but got {result}"


def test_feedback_has_the_branch_of_this_unit(router: Process) -> None:
    response = {"meta": {"routing": {"classifier": 4, "other": 2}}}
    feedback = {"request": NDARRAY, "response": response, "reward": 0.5}
    message = router.request("POST", "/send-feedback", feedback).json
    assert message["data"]["ndarray"] == [[0.5, 4.0]]
    page = router.request("GET", "/metrics").body.decode()
    reward = next(line for line in page.splitlines() if line.startswith("seldon_api_model_feedback_reward_total{"))
    assert 'model_name="classifier"' in reward
    assert 'model_version="1.16.0-dev"' in reward
    assert float(reward.rpartition(" ")[2]) >= 0.5


def test_an_old_engine_counts_feedback_itself() -> None:
    with microservice(FOLDER, "components:Feedback", env={"SELDON_EXECUTOR_ENABLED": "false"}) as served:
        assert served.request("POST", "/send-feedback", {"request": NDARRAY, "reward": 1}).status == 200
        assert "seldon_api_model_feedback_total{" not in served.request("GET", "/metrics").body.decode()


def test_feedback_takes_data_alone() -> None:
    with microservice(FOLDER, "components:Feedback") as served:
        feedback = {"request": {"strData": "x"}, "truth": {"data": {"ndarray": [[3]]}}, "reward": 1}
        answer = served.request("POST", "/api/v1.0/feedback", feedback)
        assert answer.json["jsonData"] == {"features": [], "reward": 1.0, "truth": [[3]]}
        unknown = served.request("POST", "/send-feedback", {"rewardx": 1})
        assert unknown.status == 400
        beginning = 'Invalid JSON: Message type "seldon.protos.Feedback" has no field named "rewardx" at "Feedback".'
        assert unknown.json["status"]["info"].startswith(beginning)


@pytest.mark.parametrize("is_named", [False, True])
def test_aggregate_joins_the_meta_of_all(is_named: bool) -> None:
    first = {**NDARRAY, "meta": {"puid": "p", "tags": {"a": 1}, "requestPath": {"one": "img:1"}}}
    second = {"strData": "x", "meta": {"puid": "q", "tags": {"b": 1}, "requestPath": {"two": "img:2"}}}
    question: Any = [first, second]
    with microservice(FOLDER, "components:Combiner", env=UNIT) as served:
        answer = served.request("POST", "/aggregate", {"seldonMessages": question} if is_named else question)
        path = {**PATH["requestPath"], "one": "img:1", "two": "img:2"}
        assert answer.json["data"] == {"names": ["t:0", "t:1"], "ndarray": [[1, 2]]}
        assert answer.json["meta"] == {"puid": "p", "requestPath": path, "tags": {"a": 1, "b": 1}}
        assert served.request("POST", "/aggregate", []).status == 400
        assert served.request("POST", "/aggregate", {"strData": "x"}).status == 400


def test_a_class_without_methods_does_nothing(nothing: Process) -> None:
    assert nothing.request("POST", "/predict", NDARRAY).json == {"data": {"names": [], "ndarray": []}, "meta": {}}
    unchanged = {"data": {"names": ["a", "b"], "ndarray": [[1, 2]]}, "meta": {}}
    assert nothing.request("POST", "/transform-input", NDARRAY).json == unchanged
    assert nothing.request("POST", "/send-feedback", {"request": NDARRAY, "reward": 1}).json["data"]["ndarray"] == []
    assert nothing.request("GET", "/health/status").json == {"meta": {}, "strData": "healthy"}
    for path in ("route", "aggregate"):
        answer = nothing.request("POST", f"/{path}", [NDARRAY] if path == "aggregate" else NDARRAY)
        assert answer.status == 400
        assert answer.json == failed(f"{path.title()} not defined")


def test_control_paths(nothing: Process) -> None:
    assert nothing.request("GET", "/health/ping").body == b"pong"
    assert nothing.request("GET", "/ready").status == 200
    document = nothing.request("GET", "/seldon.json").json
    assert {"/predict", "/aggregate", "/metadata", "/send-feedback"} <= document["paths"].keys()
    metadata = nothing.request("GET", "/metadata").json
    assert metadata["versions"] == ["NOT_IMPLEMENTED"]


def test_paths_and_methods_that_are_none_have_their_own_status(nothing: Process) -> None:
    answer = nothing.request("POST", "/predictions", NDARRAY)
    assert answer.status == 404
    assert answer.json["status"]["code"] == -1
    answer = nothing.request("DELETE", "/predict")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET,HEAD,OPTIONS,POST"
    assert nothing.request("OPTIONS", "/predict").status == 200
    assert nothing.request("GET", "/health/ping").headers["access-control-allow-origin"] == "*"


def test_a_message_may_stand_in_a_form_a_query_or_parts(identity: Process) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    text = json.dumps({"strData": "x"})
    assert identity.request("POST", "/predict", f"json={quote(text)}", form).json["strData"] == "x"
    assert identity.request("GET", f"/predict?json={quote(text)}").json["strData"] == "x"
    assert identity.request("POST", "/predict", text, {"Content-Type": "text/plain"}).json["strData"] == "x"
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="meta"\r\n\r\n{"puid":"7"}\r\n'
        b'--b\r\nContent-Disposition: form-data; name="binData"; filename="f"\r\n\r\n\x00\xff\r\n--b--\r\n'
    )
    message = identity.request("POST", "/predict", parts, {"Content-Type": "multipart/form-data; boundary=b"}).json
    assert message["binData"] == "AP8="
    assert message["meta"]["puid"] == "7"


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "Can't find JSON in data: the body is empty"),
    "not JSON": (b"<xml/>", "Can't find JSON in data: "),
    "cut off": (b'{"data":{"ndarray":[[1', "Can't find JSON in data: "),
    "empty object": (b"{}", "Invalid request data type: {}"),
    "a list": (b"[1]", "Invalid request data type: [1]"),
    "a text": (b'"x"', "Invalid request data type: "),
    "two kinds": (b'{"strData":"x","binData":"eA=="}', "A message holds one of "),
    "two arrays": (b'{"data":{"ndarray":[1],"tensor":{"shape":[1],"values":[1]}}}', "Expected one of ndarray"),
    "wrong names": (b'{"data":{"names":["a"],"ndarray":[[1,2]]}}', "Expected one name for each of 2 columns"),
    "wrong shape": (b'{"data":{"tensor":{"shape":[2,2],"values":[1]}}}', ""),
    "negative shape": (b'{"data":{"tensor":{"shape":[-1],"values":[1]}}}', ""),
    "base64": (b'{"binData":"a"}', ""),
    "meta": (b'{"strData":"x","meta":3}', "Invalid request data type: "),
    "deep": (b'{"jsonData":' + b"[" * 5000 + b"]" * 5000 + b"}", "JSON is nested at most 100 levels deep"),
    "half a character": (b'{"strData":"\\ud800"}', "Can't find JSON in data: "),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_input_is_the_callers_and_the_next_request_is_answered(identity: Process, bad: str) -> None:
    body, beginning = BAD[bad]
    answer = identity.request("POST", "/predict", body)
    assert answer.status == 400
    status = answer.json["status"]
    assert status["info"].startswith(beginning)
    assert {**status, "info": ""} == failed("")["status"]
    assert identity.request("POST", "/predict", {"strData": "x"}).status == 200


FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"
BROKEN: dict[str, tuple[str, bytes, dict[str, str], int]] = {
    "form without json": ("/predict", b"a=1", {"Content-Type": FORM}, 400),
    "form with half of JSON": ("/predict", b"json={", {"Content-Type": FORM}, 400),
    "query with half of JSON": ("/predict?json={", b"", {}, 400),
    "parts without an end": (
        "/predict",
        b'--b\r\nContent-Disposition: form-data; name="x"',
        {"Content-Type": PARTS},
        400,
    ),
    "parts without a boundary": ("/predict", b"--b--", {"Content-Type": "multipart/form-data"}, 400),
    "an image": ("/predict", b"\x89PNG", {"Content-Type": "image/png"}, 415),
    "an unknown encoding": ("/predict", b"x", {"Content-Encoding": "br"}, 415),
    "no gzip": ("/predict", b"x", {"Content-Encoding": "gzip"}, 400),
    "a slash in disguise": ("/api%2fv1.0/predictions", b"{}", {}, 404),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_forms_are_refused_in_the_wrappers_words(identity: Process, broken: str) -> None:
    path, body, headers, status = BROKEN[broken]
    answer = identity.request("POST", path, body, headers)
    assert answer.status == status
    assert answer.json["status"].keys() == {"code", "info", "reason", "status"}
    assert (answer.json["status"]["code"], answer.json["status"]["status"]) == (-1, 1)
    assert identity.request("POST", "/predict", {"strData": "x"}).status == 200


def test_a_gzip_bomb_is_refused(identity: Process) -> None:
    bomb = gzip.compress(b" " * (65 * 1024 * 1024))
    answer = identity.request("POST", "/predict", bomb, {"Content-Encoding": "gzip"})
    assert answer.status == 413
    assert identity.request("POST", "/predict", {"strData": "x"}).status == 200


def test_a_large_body_is_refused(identity: Process) -> None:
    with microservice(FOLDER, "components:Identity", "--body-bytes", "100") as served:
        answer = served.request("POST", "/predict", {"strData": "x" * 100})
        assert answer.status == 413
        assert answer.json["status"]["reason"] == "BODY_TOO_LARGE"
        assert served.request("POST", "/predict", {"strData": "x"}).status == 200
