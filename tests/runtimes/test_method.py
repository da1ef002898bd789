from typing import Any

import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import SVC
from structlog.testing import capture_logs

from infergraph.errors import LoadError
from infergraph.runtimes.method import choose_method

CLASSIFIER, REGRESSOR = LogisticRegression(), LinearRegression()


@pytest.mark.parametrize(
    ("model", "wanted", "chosen", "lines"),
    [
        (CLASSIFIER, None, "predict_proba", 0),
        (CLASSIFIER, "predict_proba", "predict_proba", 0),
        (CLASSIFIER, "decision_function", "decision_function", 0),
        (CLASSIFIER, "predict", "predict", 0),
        (CLASSIFIER, "predict_log_proba", "predict", 1),
        (REGRESSOR, None, "predict", 1),
        (REGRESSOR, "predict", "predict", 0),
        (SVC(), None, "predict", 1),
    ],
)
def test_choose_method(model: Any, wanted: str | None, chosen: str, lines: int) -> None:
    with capture_logs() as logs:
        assert choose_method(model, wanted, "model.joblib") == chosen
    assert len(logs) == lines


@pytest.mark.parametrize(
    ("model", "wanted", "has"),
    [
        (REGRESSOR, "predict_proba", "a LinearRegression, which has predict"),
        (CLASSIFIER, "predct", "a LogisticRegression, which has predict_proba, decision_function, predict"),
        (CLASSIFIER, "fit", "a LogisticRegression, which has"),
        (SVC(), "", "an SVC, which has decision_function, predict"),
    ],
)
def test_a_method_that_the_model_lacks(model: Any, wanted: str, has: str) -> None:
    with pytest.raises(
        LoadError, match=f"the parameter method is '{wanted}', and m holds {has.replace('an S', 'a S')}"
    ):
        choose_method(model, wanted, "m")
