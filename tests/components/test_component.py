"""The user-class adapter (SELDON_V1 §4.2): what is called, with what, and what comes of it."""

import asyncio
import json
from typing import Any

import numpy as np
import pytest

from infergraph.components import Component
from infergraph.errors import BadAnswer, BadMessage, ComponentFailed, LoadError, VerbatimAnswer
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.seldon_json import decode_feedback, decode_message, encode_message


def payload(message: dict[str, Any]) -> Payload:
    return decode_message(json.dumps(message).encode())


def predict(target: object, message: dict[str, Any]) -> dict[str, Any]:
    """The message that a component answers, in the form that travels."""
    operation = Component("u", target, image="img:1.0").predict()
    assert operation is not None
    answer: dict[str, Any] = json.loads(encode_message(operation.run(payload(message))))
    return answer


class Fixed:
    """Answers what it was given at construction."""

    def __init__(self, result: Any) -> None:
        self.result = result

    def predict(self, X: Any, names: list[str]) -> Any:
        return self.result


class Identity:
    def predict(self, X: Any, names: list[str]) -> Any:
        return X


ROWS = {"data": {"names": ["a", "b"], "ndarray": [[1.5, 2.5]]}}


def test_golden_mock_classifier() -> None:
    class MockClassifier:
        def predict(self, X: Any, features_names: list[str]) -> Any:
            return [[1 / (1 + np.exp(-(np.mean(X) - 2.9166666666666665)))]]

        class_names = ("proba",)

    answer = predict(MockClassifier(), {"data": {"ndarray": [[1.0, 2.0, 5.0]]}})
    assert answer["data"]["names"] == ["proba"]
    assert answer["data"]["ndarray"][0][0] == pytest.approx(0.43782349911420193)
    assert answer["meta"] == {"requestPath": {"u": "img:1.0"}}


ARRAYS: dict[str, dict[str, Any]] = {
    "ndarray": {"data": {"ndarray": [[1.0, 2.0]]}},
    "tensor": {"data": {"tensor": {"shape": [1, 2], "values": [1.0, 2.0]}}},
    "tftensor": {
        "data": {
            "tftensor": {
                "dtype": "DT_DOUBLE",
                "doubleVal": [1.0, 2.0],
                "tensorShape": {"dim": [{"size": "1"}, {"size": "2"}]},
            }
        }
    },
}
OTHERS: dict[str, dict[str, Any]] = {
    "strData": {"strData": "s"},
    "binData": {"binData": "AQI="},
    "jsonData": {"jsonData": {"k": 1}},
}
RESULTS = {"array": np.array([[1.0, 2.0]]), "words": [["x", "y"]], "dict": {"k": 1}, "str": "s", "bytes": b"\x01"}


@pytest.mark.parametrize("question", [*ARRAYS, *OTHERS])
@pytest.mark.parametrize("result", RESULTS)
def test_encoding_of_the_answer(question: str, result: str) -> None:
    answer = predict(Fixed(RESULTS[result]), {**ARRAYS, **OTHERS}[question])
    kind = {"dict": "jsonData", "str": "strData", "bytes": "binData"}.get(result, "data")
    assert set(answer) == {kind, "meta"}
    if result == "array":
        assert set(answer["data"]) == {"names", question if question in ARRAYS else "tensor"}
    if result == "words":
        assert answer["data"] == {"names": ["t:0", "t:1"], "ndarray": [["x", "y"]]}


@pytest.mark.parametrize("question", [*ARRAYS, *OTHERS])
def test_identity_gives_back_what_came(question: str) -> None:
    message = {**ARRAYS, **OTHERS}[question]
    answer = predict(Identity(), message)
    answer.pop("meta")
    answer.get("data", {}).pop("names", None)
    assert answer == message


@pytest.mark.parametrize(
    ("result", "data"),
    [
        (np.array([1.0, 2.0]), {"names": [], "ndarray": [1.0, 2.0]}),
        (np.array(5.0), {"names": [], "ndarray": [5.0]}),
        (np.array([[True]]), {"names": ["t:0"], "ndarray": [[True]]}),
        ([], {"names": [], "ndarray": []}),
        (np.zeros((1, 2, 1)), {"names": ["t:0", "t:1"], "ndarray": [[[0.0], [0.0]]]}),
        ([["a", 1]], {"names": ["t:0", "t:1"], "ndarray": [["a", 1]]}),
        (np.array([["a"]]), {"names": ["t:0"], "ndarray": [["a"]]}),
        ((1, 2), {"names": [], "ndarray": [1, 2]}),
    ],
)
def test_arrays_and_their_names(result: Any, data: dict[str, Any]) -> None:
    assert predict(Fixed(result), ROWS)["data"] == data


def test_a_data_frame_knows_its_columns() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": [1, 2], "y": ["a", "b"]})
    assert predict(Fixed(frame), ROWS)["data"] == {"names": ["x", "y"], "ndarray": [[1, "a"], [2, "b"]]}


@pytest.mark.parametrize("result", [None, 1.5, np.float64(1.5), object])
def test_golden_unknown_results(result: Any) -> None:
    with pytest.raises(BadMessage) as refused:
        predict(Fixed(result), ROWS)
    assert str(refused.value) == f"Unknown data type returned as payload (must be list or np array):{result}"


def test_ragged_results_are_the_component_fault() -> None:
    with pytest.raises(BadAnswer, match="unequal length"):
        predict(Fixed([[1], [1, 2]]), ROWS)


def test_ragged_json_stays_json() -> None:
    assert predict(Identity(), {"jsonData": [None, []]})["jsonData"] == [None, []]
    assert predict(Identity(), {"jsonData": [1, 2]})["data"]["tensor"]["values"] == [1, 2]


def test_what_a_method_does_not_take_it_is_not_given() -> None:
    class One:
        def predict(self, X: Any) -> Any:
            return X

    class Meta:
        def predict(self, X: Any, names: list[str], meta: dict[str, Any]) -> Any:
            return {"names": names, **meta}

    class Keywords:
        def predict(self, X: Any, names: list[str], **kwargs: Any) -> Any:
            return kwargs

    class Everything:
        def predict(self, *args: Any) -> Any:
            return [len(args)]

    message = {**ROWS, "meta": {"puid": "p", "tags": {"t": 1}}}
    assert predict(One(), message)["data"]["ndarray"] == [[1.5, 2.5]]
    assert predict(Meta(), message)["jsonData"] == {"names": ["a", "b"], "puid": "p", "tags": {"t": 1}}
    assert predict(Keywords(), message)["jsonData"] == {"meta": {"puid": "p", "tags": {"t": 1}}}
    assert predict(Everything(), message)["data"]["ndarray"] == [2]


def test_a_method_that_asks_for_more_does_not_load() -> None:
    class Greedy:
        def predict(self, X: Any, names: list[str], threshold: float) -> Any:
            return X

    with pytest.raises(LoadError, match=r"Greedy\.predict asks for threshold"):
        Component("u", Greedy()).predict()


def test_a_type_error_inside_is_not_swallowed_and_not_run_twice() -> None:
    calls = []

    class Wrong:
        def predict(self, X: Any, names: list[str], meta: Any = None) -> Any:
            calls.append(1)
            return "a" + 1  # type: ignore[operator]

    with pytest.raises(ComponentFailed, match="can only concatenate str") as failed:
        predict(Wrong(), ROWS)
    assert len(calls) == 1
    assert isinstance(failed.value.__cause__, TypeError)


@pytest.mark.parametrize(
    ("error", "status", "info", "reason"),
    [
        (ValueError("bad value"), 500, "bad value", "MICROSERVICE_INTERNAL_ERROR"),
        (KeyError(), 500, "KeyError", "MICROSERVICE_INTERNAL_ERROR"),
        (SystemExit(3), 500, "3", "MICROSERVICE_INTERNAL_ERROR"),
        (StopIteration("s"), 500, "s", "MICROSERVICE_INTERNAL_ERROR"),
    ],
)
def test_exceptions(error: BaseException, status: int, info: str, reason: str) -> None:
    class Raising:
        def predict(self, X: Any, names: list[str]) -> Any:
            raise error

    with pytest.raises(ComponentFailed) as failed:
        predict(Raising(), ROWS)
    assert (failed.value.http_status, str(failed.value), failed.value.reason) == (status, info, reason)
    assert failed.value.unit == "u"


def test_an_exception_may_choose_its_status() -> None:
    class Payment(Exception):
        status_code = 402
        reason = "NO_MONEY"
        message = "pay first"

    class Raising:
        def predict(self, X: Any, names: list[str]) -> Any:
            raise Payment

    with pytest.raises(ComponentFailed) as failed:
        predict(Raising(), ROWS)
    assert (failed.value.http_status, str(failed.value), failed.value.reason) == (402, "pay first", "NO_MONEY")


def test_raw_methods_see_and_say_whole_messages() -> None:
    class Raw:
        def predict_raw(self, message: dict[str, Any]) -> dict[str, Any]:
            return {"strData": json.dumps(message, sort_keys=True), "meta": {"tags": {"raw": True}}}

        def predict(self, X: Any, names: list[str]) -> Any:
            raise AssertionError

    answer = predict(Raw(), ROWS)
    assert json.loads(answer["strData"]) == {"data": {"names": ["a", "b"], "ndarray": [[1.5, 2.5]]}, "meta": {}}
    assert answer["meta"] == {"tags": {"raw": True}}


def test_golden_a_raw_status_code_is_the_http_status() -> None:
    class Teapot:
        def predict_raw(self, message: Any) -> Any:
            return {"status": {"code": 418, "info": "teapot"}, "x": 1}

    with pytest.raises(VerbatimAnswer) as verbatim:
        predict(Teapot(), ROWS)
    assert verbatim.value.http_status == 418
    assert json.loads(verbatim.value.body) == {"status": {"code": 418, "info": "teapot"}, "x": 1}


@pytest.mark.parametrize("result", [None, 5, {}, {"data": 5}])
def test_a_raw_method_that_returns_no_message(result: Any) -> None:
    class Raw:
        def predict_raw(self, message: Any) -> Any:
            return result

    with pytest.raises(BadAnswer, match="Unit `u` returned no SeldonMessage"):
        predict(Raw(), ROWS)


class Tagged:
    def predict(self, X: Any, names: list[str]) -> Any:
        return X

    def tags(self) -> dict[str, Any]:
        return {"own": 1, "shared": "own"}

    def metrics(self) -> list[dict[str, Any]]:
        return [{"key": "k", "type": "COUNTER", "value": np.int64(2)}]


def test_meta_is_merged() -> None:
    meta = {
        "puid": "p",
        "tags": {"shared": "asked", "asked": 2},
        "requestPath": {"before": "img:0"},
        "routing": {"r": 1},
        "metrics": [{"key": "m", "type": "GAUGE", "value": 1.0}],
    }
    assert predict(Tagged(), {**ROWS, "meta": meta})["meta"] == {
        "puid": "p",
        "tags": {"shared": "own", "asked": 2, "own": 1},
        "requestPath": {"u": "img:1.0", "before": "img:0"},
        "metrics": [{"key": "m", "type": "GAUGE", "value": 1.0}, {"key": "k", "type": "COUNTER", "value": 2}],
    }


@pytest.mark.parametrize(
    "metrics",
    [
        5,
        [{"key": "k"}],
        [{"key": "k", "type": "X", "value": 1}],
        [{"key": "k", "type": "GAUGE", "value": "a"}],
        [None],
    ],
)
def test_bad_metrics(metrics: Any) -> None:
    class Bad(Identity):
        def metrics(self) -> Any:
            return metrics

    with pytest.raises(ComponentFailed, match="Bad metric created during request: ") as failed:
        predict(Bad(), ROWS)
    assert failed.value.reason == "MICROSERVICE_BAD_METRIC"


def test_transformers_name_their_columns() -> None:
    class Transformer:
        def transform_input(self, X: Any, names: list[str]) -> Any:
            return X

        def transform_output(self, X: Any, names: list[str]) -> Any:
            return X

    class Named(Transformer):
        def feature_names(self) -> list[str]:
            return ["f", "g"]

        def class_names(self) -> list[str]:
            return ["c", "d"]

    for target, inputs, outputs in ((Transformer(), ["a", "b"], ["t:0", "t:1"]), (Named(), ["f", "g"], ["c", "d"])):
        component = Component("u", target)
        transform_input, transform_output = component.transform_input(), component.transform_output()
        assert transform_input is not None
        assert transform_output is not None
        assert transform_input.run(payload(ROWS)).names == inputs
        assert transform_output.run(payload(ROWS)).names == outputs


@pytest.mark.parametrize(("result", "branch"), [(1, 1), (-1, -1), (np.int64(0), 0), (99, 99)])
def test_routes(result: Any, branch: int) -> None:
    class Router:
        def route(self, X: Any, names: list[str]) -> Any:
            return result

    route = Component("r", Router()).route()
    assert route is not None
    assert route.run(payload(ROWS)) == branch


@pytest.mark.parametrize("result", [None, "a", 1.0, [1], [], True])
def test_routes_that_are_no_integer(result: Any) -> None:
    class Router:
        def route(self, X: Any, names: list[str]) -> Any:
            return result

    route = Component("r", Router()).route()
    assert route is not None
    with pytest.raises(BadAnswer, match="Unit `r`: Routing response must be int but got"):
        route.run(payload(ROWS))


@pytest.mark.parametrize(
    ("message", "branch"),
    [
        ({"data": {"ndarray": [[1]]}}, 1),
        ({"data": {"ndarray": [2.7]}}, 2),
        ({"data": {"tensor": {"shape": [1, 1], "values": [1]}}}, 1),
        ([1], 1),
        ({"meta": {}}, -1),
    ],
)
def test_raw_routes(message: Any, branch: int) -> None:
    class Router:
        def route_raw(self, request: Any) -> Any:
            return message

    route = Component("r", Router()).route()
    assert route is not None
    assert route.run(payload(ROWS)) == branch


@pytest.mark.parametrize("message", [{"data": {"ndarray": []}}, []])
def test_empty_raw_routes(message: Any) -> None:
    class Router:
        def route_raw(self, request: Any) -> Any:
            return message

    route = Component("r", Router()).route()
    assert route is not None
    with pytest.raises(BadAnswer, match="Unit `r` returned an empty route"):
        route.run(payload(ROWS))


def test_golden_aggregate_merges_meta() -> None:
    class First:
        def aggregate(self, features: list[Any], names: list[list[str]]) -> Any:
            assert names == [["a"], []]
            return features[0]

    aggregate = Component("c", First(), image="img:2").aggregate()
    assert aggregate is not None
    first = payload({"data": {"names": ["a"], "ndarray": [[1]]}, "meta": {"puid": "p", "tags": {"a": 1}}})
    second = payload({"data": {"ndarray": [[2]]}, "meta": {"tags": {"b": 1}, "requestPath": {"m": "i"}}})
    answer = json.loads(encode_message(aggregate.run([first, second])))
    assert answer["data"]["ndarray"] == [[1]]
    assert answer["meta"] == {"puid": "p", "tags": {"a": 1, "b": 1}, "requestPath": {"c": "img:2", "m": "i"}}


def feedback(message: dict[str, Any], target: object) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(
        encode_message(Component("u", target).send_feedback().run(decode_feedback(json.dumps(message).encode())))
    )
    return answer


def test_feedback_reaches_the_method_with_its_routing() -> None:
    class Router:
        def send_feedback(self, features: Any, names: Any, reward: Any, truth: Any, routing: Any = None) -> Any:
            return {"features": features.tolist(), "reward": reward, "truth": truth.tolist(), "routing": routing}

    message = {
        "request": ROWS,
        "response": {"meta": {"routing": {"u": 1}}},
        "reward": 0.5,
        "truth": {"data": {"ndarray": [3]}},
    }
    assert feedback(message, Router())["jsonData"] == {
        "features": [[1.5, 2.5]],
        "reward": 0.5,
        "truth": [3],
        "routing": 1,
    }


def test_feedback_without_a_method_is_taken_in_silence() -> None:
    assert feedback({"request": ROWS}, Identity())["data"] == {"names": [], "ndarray": []}
    assert feedback({}, Identity())["data"] == {"names": [], "tensor": {"shape": [0], "values": []}}


def test_raw_feedback_sees_the_message() -> None:
    class Raw:
        def send_feedback_raw(self, message: Any) -> Any:
            return {"jsonData": message}

    assert feedback({"reward": 1.0}, Raw())["jsonData"] == {"reward": 1.0}


def test_golden_health_and_metadata() -> None:
    component = Component("u", Identity(), image="img:1.0")
    health = json.loads(encode_message(component.health().run(None)))
    assert health == {"meta": {"requestPath": {"u": "img:1.0"}}, "strData": "healthy"}
    assert component.metadata() == {
        "custom": {},
        "inputs": [],
        "name": "img",
        "outputs": [],
        "platform": "",
        "versions": ["1.0"],
    }


def test_own_health_and_metadata() -> None:
    class Own:
        def health_status(self) -> Any:
            return [1, 2]

        def init_metadata(self) -> Any:
            return {"name": "mine", "custom": {"a": "b"}}

    component = Component("u", Own(), image="registry:5000/team/img")
    assert component.health().run(None).data.tolist() == [1, 2]
    assert component.metadata()["name"] == "mine"
    assert component.metadata()["versions"] == [""]


def test_failing_health_is_a_failure() -> None:
    class Sick:
        def health_status(self) -> Any:
            raise RuntimeError("sick")

    with pytest.raises(ComponentFailed, match="sick"):
        Component("u", Sick()).health().run(None)


def test_load_is_called_and_its_failure_named() -> None:
    class Loading:
        def __init__(self) -> None:
            self.loaded = 0

        def load(self) -> None:
            self.loaded += 1
            if self.loaded > 1:
                raise OSError("no disk")

    target = Loading()
    component = Component("u", target)
    component.load()
    assert target.loaded == 1
    with pytest.raises(LoadError, match=r"unit `u`: load\(\) raised OSError: no disk"):
        component.load()


def test_coroutine_methods() -> None:
    class Async:
        async def predict(self, X: Any) -> Any:
            await asyncio.sleep(0)
            return X

    operation = Component("u", Async()).predict()
    assert operation is not None
    assert operation.is_async
    assert asyncio.run(operation.run_async(payload(ROWS))).data.tolist() == [[1.5, 2.5]]


def test_what_a_class_cannot_is_none() -> None:
    component = Component("u", object())
    assert component.predict() is None
    assert component.route() is None
    assert component.aggregate() is None
    assert component.transform_input() is None
    assert component.transform_output() is None


TENSORS = Payload({"a": np.array([1.0]), "b": np.array([[2.0]])}, Encoding.TENSORS)


def answer_to(target: object, question: Payload, *, takes_table: bool = False) -> Payload:
    """The payload that a component answers."""
    operation = Component("u", target, image="img:1.0", takes_table=takes_table).predict()
    assert operation is not None
    answer: Payload = operation.run(question)
    return answer


def test_several_tensors_reach_a_class_by_name_and_a_server_as_a_table() -> None:
    assert answer_to(Identity(), TENSORS).data.keys() == {"a", "b"}
    table = answer_to(Identity(), TENSORS, takes_table=True)
    assert (table.encoding, table.data.tolist()) == (Encoding.V2, [[1.0, 2.0]])


def test_a_dict_of_arrays_is_several_outputs_and_json_in_the_seldon_protocol() -> None:
    arrays = {"p": np.array([1, 2]), "q": np.array(["a"])}
    assert answer_to(Fixed(arrays), TENSORS).encoding is Encoding.TENSORS
    assert predict(Fixed(arrays), {"strData": "x"})["jsonData"] == {"p": [1, 2], "q": ["a"]}
    assert answer_to(Fixed({"p": [1]}), TENSORS).encoding is Encoding.JSON


@pytest.mark.parametrize("encoding", [Encoding.V2, Encoding.TF])
@pytest.mark.parametrize("data", [np.array([[1.5, 2.5]]), np.array([[True, False]])])
def test_other_protocols_keep_their_encoding_and_number_no_columns(encoding: Encoding, data: Any) -> None:
    answer = answer_to(Identity(), Payload(data, encoding))
    assert (answer.encoding, answer.names) == (encoding, [])


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (
            Payload(np.array([[1.5]]), Encoding.V2),
            {"data": {"names": [], "tensor": {"shape": [1, 1], "values": [1.5]}}},
        ),
        (Payload(np.array(["a"], object), Encoding.TF), {"data": {"names": [], "ndarray": ["a"]}}),
        (TENSORS, {"jsonData": {"a": [1.0], "b": [[2.0]]}}),
    ],
)
def test_a_raw_method_gets_what_the_seldon_protocol_would_write(question: Payload, message: Any) -> None:
    class Raw:
        def predict_raw(self, given: Any) -> Any:
            assert given == message | {"meta": {}}
            return given

    assert answer_to(Raw(), question).is_array == ("data" in message)


def test_each_branch_has_arrays_of_its_own() -> None:
    frozen = np.array([1.0])
    frozen.flags.writeable = False
    copied = Payload({"a": np.array([1.0]), "b": frozen}, Encoding.TENSORS)
    again = copied.copy()
    assert again.data["a"] is not copied.data["a"]
    assert again.data["b"] is frozen
