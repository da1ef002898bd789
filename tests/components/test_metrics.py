"""What a component reports, told to whoever measures."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from infergraph.components import Component, Operation
from infergraph.errors import ComponentFailed
from infergraph.payloads import Encoding, Feedback, Meta, Payload
from infergraph.payloads.payload import JsonObject

COUNTER = {"key": "n", "type": "COUNTER", "value": 1}
ROWS = Payload(np.array([[1.0]]), Encoding.NDARRAY, meta=Meta(metrics=[{**COUNTER, "key": "of the question"}]))
NOTHING = Payload(np.empty(0), Encoding.NONE)
FEEDBACK = Feedback(request=ROWS, response=NOTHING, truth=NOTHING, reward=0.5, message={})


class Noted:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, list[JsonObject]]] = []
        self.rewards: list[float] = []

    def metrics(self, method: str, metrics: Sequence[JsonObject]) -> None:
        self.told.append((method, list(metrics)))

    def feedback(self, reward: float) -> None:
        self.rewards.append(reward)


class Telling:
    """Can do everything, and reports each time."""

    def predict(self, X: Any) -> Any:
        return X

    transform_input = transform_output = predict

    def route(self, X: Any) -> int:
        return 0

    def aggregate(self, features: list[Any]) -> Any:
        return features[0]

    def health_status(self) -> str:
        return "fine"

    def metrics(self) -> list[JsonObject]:
        return [COUNTER]


def operation(component: Component, name: str) -> Operation:
    found = getattr(component, name)()
    assert found is not None
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("name", "question", "method"),
    [
        ("predict", ROWS, "predict"),
        ("transform_input", ROWS, "inputtransform"),
        ("transform_output", ROWS, "outputtransform"),
        ("route", ROWS, "router"),
        ("aggregate", [ROWS, ROWS], "aggregate"),
        ("send_feedback", FEEDBACK, "feedback"),
        ("health", None, "health"),
    ],
)
def test_each_method_reports_its_own_metrics_once(name: str, question: Any, method: str) -> None:
    noted = Noted()
    operation(Component("u", Telling(), reporter=noted), name).run(question)
    assert noted.told == [(method, [COUNTER])]


def test_feedback_reports_its_reward_whether_the_class_takes_it_or_not() -> None:
    noted = Noted()
    for target in (Telling(), RawFeedback()):
        operation(Component("u", target, reporter=noted), "send_feedback").run(FEEDBACK)
    assert noted.rewards == [0.5, 0.5]


class RawFeedback:
    def send_feedback_raw(self, message: Any) -> Any:
        return {"meta": {}}


def test_feedback_that_fails_is_not_taken() -> None:
    class Failing:
        def send_feedback(self, *_: Any) -> None:
            raise ValueError("no")

    noted = Noted()
    with pytest.raises(ComponentFailed):
        operation(Component("u", Failing(), reporter=noted), "send_feedback").run(FEEDBACK)
    assert noted.rewards == []


def test_a_raw_message_reports_what_is_well_formed_in_its_meta() -> None:
    class Raw:
        def predict_raw(self, message: Any) -> Any:
            metrics = [COUNTER, {"key": "zero"}, {"type": "GAUGE", "value": 1}, {"key": "k", "type": "ODD", "value": 1}]
            return {"strData": "x", "meta": {"metrics": metrics}}

    noted = Noted()
    answer = operation(Component("u", Raw(), reporter=noted), "predict").run(ROWS)
    assert noted.told == [("predict", [COUNTER, {"key": "zero", "type": "COUNTER", "value": 0.0}])]
    assert len(answer.meta.metrics) == 4


def test_a_bad_metric_reports_nothing() -> None:
    class Bad(Telling):
        def metrics(self) -> list[JsonObject]:
            return [COUNTER, {"key": "x"}]

    noted = Noted()
    with pytest.raises(ComponentFailed, match="Bad metric"):
        operation(Component("u", Bad(), reporter=noted), "predict").run(ROWS)
    assert noted.told == []


def test_without_metrics_nothing_is_told() -> None:
    class Plain:
        def predict(self, X: Any) -> Any:
            return X

    noted = Noted()
    operation(Component("u", Plain(), reporter=noted), "predict").run(ROWS)
    assert noted.told == []
