"""What a class may say beside its answers, and how its errors are answered."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.microservice.test_rest import NDARRAY, UNIT, failed
from tests.serving import Process, microservice

FOLDER = Path(__file__).parent


@pytest.fixture(scope="module")
def raising() -> Iterator[Process]:
    with microservice(FOLDER, "components:Raising") as served:
        yield served


@pytest.fixture(scope="module")
def raw() -> Iterator[Process]:
    with microservice(FOLDER, "components:Raw") as served:
        yield served


def parameter(name: str, kind: str, value: str) -> dict[str, str]:
    return {"name": name, "type": kind, "value": value}


def test_tags_and_metrics_of_the_class_and_of_the_call() -> None:
    with microservice(FOLDER, "components:Telling", env=UNIT) as served:
        question = {**NDARRAY, "meta": {"puid": "p", "routing": {"x": 1}, "tags": {"class": "?", "question": True}}}
        meta = served.request("POST", "/predict", question).json["meta"]
        assert meta["tags"] | {"pid": 0} == {"class": "of the call", "question": True, "runtime": True, "pid": 0}
        assert [metric["key"] for metric in meta["metrics"]] == ["calls", "took", "runtime"]
        assert meta["puid"] == "p"
        assert "routing" not in meta
        for port, path in ((served.port, "/prometheus"), (served.metrics_port, "/metrics")):
            page = served.request("GET", path, port=port).body.decode()
            runtime = next(line for line in page.splitlines() if line.startswith("runtime{"))
            assert 'kind="a"' in runtime
            assert 'method="predict"' in runtime
            assert 'model_image="seldonio/mock_classifier"' in runtime
            assert runtime.endswith(" 7.0")
            assert "seldon_api_executor" not in page


def test_metrics_may_stay_out_of_the_answer() -> None:
    with microservice(FOLDER, "components:Telling", env={"INCLUDE_METRICS_IN_CLIENT_RESPONSE": "false"}) as served:
        question = {**NDARRAY, "meta": {"metrics": [{"key": "before", "type": "GAUGE", "value": 1}]}}
        metrics = served.request("POST", "/predict", question).json["meta"]["metrics"]
        assert [metric["key"] for metric in metrics] == ["before"]
        assert "calls_total{" in served.request("GET", "/metrics").body.decode()


def test_a_bad_metric_is_an_error_of_the_class() -> None:
    with microservice(FOLDER, "components:BadMetric") as served:
        answer = served.request("POST", "/predict", NDARRAY)
        info = 'Bad metric created during request: [{"key":"x","type":"LENGTH","value":1}]'
        assert answer.status == 500
        assert answer.json == failed(info, "MICROSERVICE_BAD_METRIC")


def test_an_exception_is_answered_with_its_text(raising: Process) -> None:
    answer = raising.request("POST", "/predict", {"strData": "value"})
    assert answer.status == 500
    assert answer.json == failed("bad value", "MICROSERVICE_INTERNAL_ERROR")


def test_a_type_error_inside_does_not_run_the_method_twice(raising: Process) -> None:
    answer = raising.request("POST", "/predict", {"strData": "type"})
    assert answer.json == failed("inside", "MICROSERVICE_INTERNAL_ERROR")


def test_an_exception_may_choose_status_and_body(raising: Process) -> None:
    answer = raising.request("POST", "/predict", {"strData": "own"})
    assert answer.status == 402
    assert answer.json == {"status": {"code": 1402, "status": 1, "info": "pay first", "reason": "PAYMENT"}}
    answer = raising.request("POST", "/predict", {"strData": "wrapper"})
    assert answer.status == 425
    assert answer.json == {**failed("too early", "EARLY"), "when": "later"}


def test_error_handlers_of_a_flask_blueprint() -> None:
    with microservice(FOLDER, "flask_component:Handled") as served:
        answer = served.request("POST", "/predict", {"strData": "x"})
        assert answer.status == 402
        assert answer.json == {"status": {"code": 1402, "info": "pay first"}}
        answer = served.request("POST", "/predict", {"jsonData": 1})
        assert answer.json == failed("bad value", "MICROSERVICE_INTERNAL_ERROR")
        answer = served.request("POST", "/predict", {"jsonData": {}})
        assert answer.json == failed("KeyError", "MICROSERVICE_INTERNAL_ERROR")


def test_raw_methods_have_the_last_word(raw: Process) -> None:
    answer = raw.request("POST", "/predict", {"strData": "teapot"})
    assert answer.status == 418
    assert answer.json == {"status": {"code": 418, "info": "short and stout", "status": 1}}
    message = raw.request("POST", "/predict", {"strData": "x"}).json
    assert message == {"meta": {"metrics": [{"key": "raws", "value": 1}]}, "strData": "raw x"}
    assert "raws_total{" in raw.request("GET", "/metrics").body.decode()
    assert raw.request("POST", "/route", NDARRAY).json["data"]["ndarray"] == [[3]]
    assert raw.request("POST", "/aggregate", [NDARRAY, NDARRAY]).json["strData"] == "2"
    assert raw.request("GET", "/health/status").json["strData"] == "raw and healthy"


def test_a_raw_feedback_is_protobufs_also_over_rest(raw: Process) -> None:
    feedback = {"request": NDARRAY, "reward": 0.5}
    assert raw.request("POST", "/send-feedback", feedback).json["strData"] == "got 0.5 [[1.0, 2.0]]"


def test_a_raw_method_that_is_not_implemented_leaves_it_to_the_other() -> None:
    with microservice(FOLDER, "components:HalfRaw") as served:
        assert served.request("POST", "/predict", NDARRAY).json["data"]["ndarray"] == [[1]]
        assert served.request("POST", "/aggregate", [NDARRAY, NDARRAY]).json["data"]["ndarray"] == [[2]]


def test_a_class_of_the_v1_wrappers_base_has_only_what_it_defines() -> None:
    with microservice(FOLDER, "derived:Derived", "--workers", "1") as served:
        assert served.request("POST", "/predict", NDARRAY).json["data"]["ndarray"] == [[1, 2]]
        health = served.request("GET", "/health/status").json["strData"]
        assert health == "not implemented - assuming healthy"
        assert served.request("POST", "/route", NDARRAY).json == failed("Route not defined")
        assert served.request("GET", "/metadata").status == 200


def test_health_is_what_the_class_says() -> None:
    with microservice(FOLDER, "components:Well") as served:
        assert served.request("GET", "/api/v1.0/health/status").json["jsonData"] == {"database": "there"}
    with microservice(FOLDER, "components:Unwell") as served:
        answer = served.request("GET", "/health/status")
        assert answer.status == 500
        assert answer.json == failed("no database", "MICROSERVICE_INTERNAL_ERROR")
        assert served.request("GET", "/health/ping").status == 200


def test_metadata_of_the_image() -> None:
    with microservice(FOLDER, "components:Nothing", env={"PREDICTIVE_UNIT_IMAGE": "img:1.0"}) as served:
        assert served.request("GET", "/metadata").json == {
            "custom": {},
            "inputs": [],
            "name": "img",
            "outputs": [],
            "platform": "",
            "versions": ["1.0"],
        }


def test_metadata_of_the_class_and_over_it_those_of_the_environment() -> None:
    with microservice(FOLDER, "components:Described", env={"MODEL_METADATA": "name: mine\nversions: [v3]"}) as served:
        metadata = served.request("GET", "/api/v1.0/metadata").json
        assert (metadata["name"], metadata["versions"], metadata["platform"]) == ("mine", ["v3"], "sklearn")
        assert metadata["inputs"] == [{"messagetype": "tensor", "schema": {"names": ["a"], "shape": [1, 5]}}]


def test_bad_metadata_is_said_where_they_are_asked_for() -> None:
    with microservice(FOLDER, "components:BadlyDescribed") as served:
        answer = served.request("GET", "/metadata")
        assert answer.status == 500
        assert answer.json["status"]["reason"] == "MICROSERVICE_BAD_METADATA"
        assert answer.json["status"]["info"].startswith("Model metadata unavailable: ")
        assert served.request("POST", "/predict", NDARRAY).status == 200


def test_parameters_have_their_types() -> None:
    given = [
        parameter("i", "INT", "3"),
        parameter("f", "FLOAT", "0.5"),
        parameter("d", "DOUBLE", "1"),
        parameter("s", "STRING", "x"),
        parameter("b", "BOOL", "yes"),
    ]
    with microservice(FOLDER, "components:Parameters", env={"PREDICTIVE_UNIT_PARAMETERS": json.dumps(given)}) as served:
        found: Any = served.request("POST", "/predict", NDARRAY).json["jsonData"]
        assert found == {"i": 3, "f": 0.5, "d": 1.0, "s": "x", "b": True}


def test_payloads_pass_through() -> None:
    with microservice(FOLDER, "components:PassingThrough", env={"PAYLOAD_PASSTHROUGH": "true"}) as served:
        answer = served.request("POST", "/predict", b"no JSON at all")
        assert answer.body == b"lla ta NOSJ on"
        assert answer.headers["content-type"] == "application/json"
    with microservice(FOLDER, "components:PassingThrough") as served:
        assert served.request("POST", "/predict", {"strData": "x"}).json["strData"] == "not bytes"
