"""Real models, converted by the real libraries: what answers, how far it is from the model, and what is said of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from structlog.testing import capture_logs

from infergraph.errors import LoadError
from infergraph.runtimes.acceleration import accelerate
from infergraph.runtimes.acceleration.comparison import TOLERANCE
from infergraph.runtimes.sklearn import SklearnServer

CANCER, IRIS, DIABETES = load_breast_cancer(), load_iris(), load_diabetes()
DATA = {"classes": CANCER, "words": IRIS, "numbers": DIABETES}
WORDS = np.array(["a", "bb", "ccc"])


def served(model: Any, folder: Path, method: str | None = None, asked: str | None = "auto") -> SklearnServer:
    joblib.dump(model, folder / "model.joblib")
    server = SklearnServer(str(folder), method, asked)
    server.load()
    return server


def logged(model: Any, folder: Path, method: str | None = None, asked: str | None = "auto") -> list[Any]:
    with capture_logs() as logs:
        served(model, folder, method, asked)
    return [entry for entry in logs if entry["event"] in ("accelerated", "not_accelerated", "slow_model")]


def classes(model: Any) -> Any:
    return model.fit(CANCER.data, CANCER.target)


def words(model: Any) -> Any:
    return model.fit(IRIS.data, WORDS[IRIS.target])


def numbers(model: Any) -> Any:
    return model.fit(DIABETES.data, DIABETES.target)


FOREST = RandomForestClassifier(30, random_state=0)
FASTER: dict[str, tuple[Callable[[Any], Any], Any, str | None, str]] = {
    "forest": (classes, FOREST, None, ""),
    "forest of words": (words, FOREST, "predict", ""),
    "extra trees": (classes, ExtraTreesClassifier(20, random_state=0), "predict", ""),
    "boosted": (words, GradientBoostingClassifier(n_estimators=10), None, ""),
    "two classes boosted": (classes, GradientBoostingClassifier(n_estimators=10), None, ""),
    "histograms": (classes, HistGradientBoostingClassifier(max_iter=10), None, "treelite"),
    "histograms of numbers": (numbers, HistGradientBoostingRegressor(max_iter=10), None, "treelite"),
    "forest of numbers": (numbers, RandomForestRegressor(20, random_state=0), None, ""),
    "linear": (numbers, LinearRegression(), None, "onnxruntime"),
    "ridge": (numbers, Ridge(), None, "onnxruntime"),
    "logistic": (words, LogisticRegression(max_iter=500), None, "onnxruntime"),
    "logistic words": (words, LogisticRegression(max_iter=500), "predict", "onnxruntime"),
    "logistic scores": (classes, LogisticRegression(max_iter=5000), "decision_function", "onnxruntime"),
    "scaled": (classes, make_pipeline(StandardScaler(), LogisticRegression()), None, "onnxruntime"),
}


@pytest.mark.parametrize(("fit", "model", "method", "by"), FASTER.values(), ids=FASTER)
def test_what_answers_is_what_the_model_says(
    fit: Callable[[Any], Any], model: Any, method: str | None, by: str, tmp_path: Path
) -> None:
    fitted = fit(model)
    x = DATA[fit.__name__].data
    with capture_logs() as logs:
        server = served(fitted, tmp_path, method)
    (said,) = [entry for entry in logs if entry["event"] == "accelerated"]
    assert said["by"] == by or (not by and said["by"] in ("treelite", "onnxruntime"))
    assert said["difference"] <= TOLERANCE
    assert said["before_us"] > said["after_us"]
    expected = getattr(fitted, method or ("predict_proba" if hasattr(fitted, "predict_proba") else "predict"))(x)
    for part in (slice(0, 1), slice(None)):
        answer = server.predict(x[part])
        assert answer.dtype == expected.dtype
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(answer, expected[part], rtol=TOLERANCE, atol=TOLERANCE)
        else:
            assert answer.tolist() == expected[part].tolist()


@pytest.mark.parametrize("dtype", [np.int64, np.int8, bool, np.float16, np.float32])
def test_other_numbers_are_taken_as_before(dtype: type, tmp_path: Path) -> None:
    fitted = words(FOREST)
    x = IRIS.data.astype(dtype)
    np.testing.assert_allclose(served(fitted, tmp_path).predict(x), fitted.predict_proba(x), atol=TOLERANCE)


def test_rows_that_are_not_next_to_each_other_are_taken(tmp_path: Path) -> None:
    fitted = numbers(Ridge())
    x = np.asfortranarray(DIABETES.data)[::3]
    np.testing.assert_allclose(served(fitted, tmp_path).predict(x), fitted.predict(x))


@pytest.mark.parametrize("value", [np.nan, 1e30])
def test_what_is_missing_or_large_is_taken_as_before(value: float, tmp_path: Path) -> None:
    fitted = classes(FOREST)
    x = CANCER.data[:5].copy()
    x[3, 7] = value
    np.testing.assert_allclose(served(fitted, tmp_path).predict(x), fitted.predict_proba(x), atol=TOLERANCE)


class Shy(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A model of somebody's own, that takes rows of numbers."""

    def fit(self, X: Any, y: Any) -> "Shy":
        self.classes_, self.n_features_in_ = np.unique(y), X.shape[1]
        return self

    def predict(self, X: Any) -> Any:
        return self.classes_[np.zeros(len(X), int)]


@pytest.mark.parametrize(
    ("model", "method"), [(IsolationForest(n_estimators=20, random_state=0), "predict"), (Shy(), None)]
)
def test_what_no_conversion_answers_alike_answers_itself(model: Any, method: str | None, tmp_path: Path) -> None:
    fitted = classes(model)
    assert [entry["event"] for entry in logged(fitted, tmp_path, method)] in (["not_accelerated"], [])
    np.testing.assert_array_equal(served(fitted, tmp_path, method).predict(CANCER.data), fitted.predict(CANCER.data))


@pytest.mark.parametrize(("faster_from", "most"), [(100, None), (30, 16), (2, 1)])
def test_many_rows_are_left_to_the_model_where_it_is_better_at_them(
    faster_from: int, most: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = words(FOREST)

    def clock(call: Any, x: np.ndarray) -> float:
        return 1.0 if (getattr(call, "__self__", None) is None) == (len(x) < faster_from) else 9.0

    monkeypatch.setattr(accelerate, "microseconds", clock)
    with capture_logs() as logs:
        server = served(fitted, tmp_path)
    (said,) = [entry for entry in logs if entry["event"] == "accelerated"]
    assert said.get("most_rows") == most
    for rows in (1, 16, 17, 150):
        expected = fitted.predict_proba(IRIS.data[:rows])
        answer = server.predict(IRIS.data[:rows])
        np.testing.assert_allclose(answer, expected, atol=TOLERANCE)
        assert most is None or rows <= most or np.array_equal(answer, expected)


@pytest.mark.parametrize("asked", [None, "off"])
def test_nothing_is_converted_unasked(asked: str | None, tmp_path: Path) -> None:
    fitted = numbers(Ridge())
    assert logged(fitted, tmp_path, asked=asked) == []


def test_a_slow_forest_says_what_would_help(tmp_path: Path) -> None:
    (said,) = logged(classes(RandomForestClassifier(200, random_state=0, n_jobs=2)), tmp_path, asked="off")
    assert said["event"] == "slow_model"
    assert said["us_per_row"] >= accelerate.SLOW_US
    assert "accelerate: auto" in said["how"]


def test_without_the_packages_the_model_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerate, "_PACKAGES", ("no_such_package",))
    (said,) = logged(numbers(Ridge()), tmp_path)
    assert said["event"] == "not_accelerated"
    assert "infergraph[accelerate]" in said["reason"]


def test_another_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="the parameter accelerate is 'yes', and auto or off was expected"):
        served(numbers(Ridge()), tmp_path, asked="yes")
