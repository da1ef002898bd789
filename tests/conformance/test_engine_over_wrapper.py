"""Our engine over the official wrapper's microservices: what they answer and refuse comes through as it is."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from tests.conformance.corpus.cases import cases
from tests.conformance.corpus.wrappers import Wrapper, are_equal, upstream
from tests.conformance.environments import Environment
from tests.conformance.test_seldon_client import SELDON
from tests.serving import Process, until_ready

FLAGS = ("--sdep", "d", "--namespace", "n", "--predictor", "p", "--http_port", "0", "--grpc_port", "0")
IMAGE = {"unit": "example/corpus:1.0"}
READ_BETTER = {"text/plain"}  # the wrapper reads no JSON of this type, and our engine does
PREDICTIONS = [
    case
    for case in cases()
    if (case.component, case.transport, case.path) == ("Plain", "rest", "/predict") and case.what not in READ_BETTER
]
CALLS = [case for case in cases() if (case.component, case.transport, case.operation) == ("Plain", "grpc", "predict")]
REFUSED_BEFORE = {
    *("data without an array", "a ragged ndarray", "a tensor of the wrong shape", "names of the wrong length"),
    *("two kinds at once", "base64 that is none", "broken JSON", "no JSON", "nothing", "a wrong method"),
}
"""What the engine does not send to a component, as it cannot be meant (docs/compatibility.md)."""
PASSED_ON = {
    *("a ragged ndarray", "a tensor of the wrong shape", "names of the wrong length", "base64 that is none"),
}
"""What it sends over REST to a model alone all the same, as nobody has looked at what the message holds."""
REFUSED = {
    "REST": (404, "NO_FLOWER", "no such flower"),
    "GRPC": (500, "MICROSERVICE_INTERNAL_ERROR", "Exception calling application: "),
}
"""A refusal as the wrapper says it over each, status, reason and text: over gRPC it has one word for all of them."""


@pytest.fixture(scope="module")
def wrapper(made: Callable[[Environment], Environment]) -> Iterator[Wrapper]:
    with upstream(made(SELDON), "Plain") as one:
        yield one


@pytest.fixture(params=["REST", "GRPC"])
def transport(request: pytest.FixtureRequest) -> Any:
    return request.param


@contextmanager
def engine(wrapper: Wrapper, graph: Any, transport: str) -> Iterator[Process]:
    """An engine as the operator starts it; every unit is the same microservice."""
    containers: list[Any] = []
    ports = {"httpPort": wrapper.port, "grpcPort": int(wrapper.grpc.rpartition(":")[2])}
    endpoint = {"service_host": "localhost", "type": transport, **ports}
    predictor = {"name": "p", "graph": placed(graph, endpoint, containers)}
    predictor["componentSpecs"] = [{"spec": {"containers": containers}}]
    variable = base64.b64encode(json.dumps(predictor).encode()).decode()
    process = Process(FLAGS, {"ENGINE_PREDICTOR": variable}, command="engine")
    with until_ready(process):
        yield process


def placed(unit: Any, endpoint: Any, containers: list[Any]) -> Any:
    containers.append({"name": unit["name"], "image": "example/corpus:1.0"})
    children = [placed(one, endpoint, containers) for one in unit.get("children", ())]
    return {**unit, "endpoint": endpoint, "children": children}


def unit(name: str, kind: str, *children: Any) -> Any:
    return {"name": name, "type": kind, "children": list(children)}


def test_a_model_answers_as_it_does_alone(wrapper: Wrapper) -> None:
    assert len(PREDICTIONS) > 20
    with engine(wrapper, unit("m", "MODEL"), "REST") as process:
        through = Wrapper(process.port, process.grpc)
        for case in PREDICTIONS:
            answer = through.answer(replace(case, path="/api/v1.0/predictions"))
            if case.what in REFUSED_BEFORE - PASSED_ON:
                assert answer[0] in (400, 405), case.id
            else:
                assert are_equal(wrapper.answer(case), answer), case.id


def test_a_model_answers_over_grpc_as_it_does_alone(wrapper: Wrapper) -> None:
    assert len(CALLS) > 20
    with engine(wrapper, unit("m", "MODEL"), "GRPC") as process:
        through = Wrapper(process.port, process.grpc)
        for case in CALLS:
            answer = through.answer(case)
            if case.what in {*REFUSED_BEFORE, "an empty message"}:
                assert answer[0] == "INVALID_ARGUMENT", case.id
            else:
                assert are_equal(wrapper.answer(case), answer), case.id


def test_every_kind_of_unit_is_called(wrapper: Wrapper, transport: str) -> None:
    combiner = unit("c", "COMBINER", unit("a", "MODEL"), unit("b", "OUTPUT_TRANSFORMER"))
    graph = unit("t", "TRANSFORMER", unit("r", "ROUTER", unit("m", "MODEL"), combiner))
    with engine(wrapper, graph, transport) as process:
        message = {"data": {"names": ["one"], "ndarray": [[1.5]]}, "meta": {"tags": {"mine": True}}}
        answer = process.predict(message)
        assert answer.json == {
            "data": {"names": ["t:0"], "ndarray": [[1.5]]},
            "meta": {"requestPath": IMAGE, "routing": {"r": 1}, "tags": {"mine": True}},
        }
        nowhere = process.predict({"data": {"names": ["a", "b"], "ndarray": [[1.0, 2.0]]}})
        assert (nowhere.status, nowhere.json["status"]["reason"]) == (500, "BAD_COMPONENT_ANSWER")
        refused = process.predict({"strData": "refuse"})
        said = (refused.status, refused.json["status"]["reason"], refused.json["status"]["info"])
        assert said == REFUSED[transport]


def test_feedback_goes_the_way_of_the_answer(wrapper: Wrapper, transport: str) -> None:
    rows = {"data": {"ndarray": [[1.5]]}}
    with engine(wrapper, unit("unit", "ROUTER", unit("a", "MODEL"), unit("b", "MODEL")), transport) as process:
        feedback = {"request": rows, "response": {"meta": {"routing": {"unit": 1}}}, "reward": 0.5}
        assert process.request("POST", "/api/v1.0/feedback", feedback).json["data"]["ndarray"] == [[0.5, 1.0]]


def test_a_unit_is_asked_how_it_is_and_what_it_is(wrapper: Wrapper, transport: str) -> None:
    with engine(wrapper, unit("m", "MODEL"), transport) as process:
        status = process.request("GET", "/api/v1.0/status/m")
        assert (status.status, status.json["strData"]) == (200, {"REST": "healthy", "GRPC": "reachable"}[transport])
        metadata = process.request("GET", "/api/v1.0/metadata").json
        assert metadata["models"]["m"]["name"] == "example/corpus"
        assert process.request("GET", "/ready").status == 200
