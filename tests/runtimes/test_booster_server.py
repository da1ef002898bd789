"""Boosters whose trees treelite calls: what answers, and what is left to the library itself."""

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn.datasets import load_breast_cancer
from structlog.testing import capture_logs

from infergraph.errors import LoadError
from infergraph.runtimes.acceleration import accelerate, trees
from infergraph.runtimes.acceleration.comparison import TOLERANCE
from infergraph.runtimes.booster_server import BoosterServer
from infergraph.runtimes.lightgbm import LightgbmServer
from infergraph.runtimes.xgboost import XgboostServer

DATA, TWO = load_breast_cancer(return_X_y=True)
THREE = np.arange(len(TWO)) % 3
CHANCE = np.random.default_rng(0)
DIGITS = CHANCE.integers(0, 5, (500, 3)).astype(float)
EVEN = DIGITS[:, 0] % 2 + CHANCE.normal(size=500) * 0.1


def boosted(objective: str, labels: Any, **parameters: Any) -> Any:
    """An XGBoost booster."""
    return xgboost.train({"objective": objective, "nthread": 1, **parameters}, xgboost.DMatrix(DATA, labels), 20)


def light(objective: str, labels: Any, data: Any = DATA, categories: Any = "auto", **parameters: Any) -> Any:
    """A LightGBM booster, that has a look at few rows."""
    few = {"min_data_in_leaf": 5, "min_data_per_group": 5, "cat_smooth": 1}
    asked = {"objective": objective, "num_threads": 1, "verbose": -1, **few, **parameters}
    return lightgbm.train(asked, lightgbm.Dataset(data, labels, categorical_feature=categories), 20)


def served(model: Any, folder: Path, asked: str | None = "auto") -> tuple[BoosterServer, list[Any]]:
    """The server of a model, and what it said of acceleration."""
    kind, file = (XgboostServer, "model.json") if isinstance(model, xgboost.Booster) else (LightgbmServer, "model.txt")
    model.save_model(folder / file)
    server = kind(str(folder), accelerate=asked)
    with capture_logs() as logs:
        server.load()
    return server, [entry for entry in logs if "accelerated" in entry["event"] or entry["event"] == "slow_model"]


def own(model: Any, rows: Any) -> Any:
    """What the library itself answers."""
    return model.predict(xgboost.DMatrix(rows) if isinstance(model, xgboost.Booster) else rows)


FASTER = {
    "xgboost, two classes": lambda: boosted("binary:logistic", TWO),
    "xgboost, three classes": lambda: boosted("multi:softprob", THREE, num_class=3),
    "lightgbm, two classes": lambda: light("binary", TWO),
    "lightgbm, three classes": lambda: light("multiclass", THREE, num_class=3),
    "lightgbm, numbers": lambda: light("regression", DATA[:, 0]),
}


@pytest.mark.parametrize("trained", FASTER.values(), ids=FASTER)
def test_trees_answer_what_the_booster_says(trained: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # How fast this machine is now is no matter of this test.
    monkeypatch.setattr(accelerate, "microseconds", lambda call, _: 1.0 if call.__module__ == trees.__name__ else 9.0)
    model = trained()
    server, (said,) = served(model, tmp_path)
    assert (said["event"], said["by"]) == ("accelerated", "treelite")
    assert said["model"] == f"{type(model).__module__.partition('.')[0]} Booster"
    assert said["difference"] <= TOLERANCE
    holes = DATA.copy()
    holes[::3, ::4] = np.nan
    for rows in (DATA[:1], DATA, np.asfortranarray(DATA)[::3], DATA.astype(int), holes):
        answer, expected = server.predict(rows, []), own(model, rows)
        assert answer.dtype == expected.dtype
        np.testing.assert_allclose(answer, expected, rtol=TOLERANCE, atol=TOLERANCE)


LEFT = {
    "the likeliest class": lambda: boosted("multi:softmax", THREE, num_class=3),
    "zero as a missing value": lambda: light("regression", EVEN, DIGITS, zero_as_missing=True),
    "a linear booster": lambda: boosted("reg:squarederror", DATA[:, 0], booster="gblinear"),
}


@pytest.mark.parametrize("trained", LEFT.values(), ids=LEFT)
def test_what_no_conversion_answers_alike_answers_itself(trained: Any, tmp_path: Path) -> None:
    model = trained()
    server, (said,) = served(model, tmp_path)
    assert (said["event"], said["reason"]) == ("not_accelerated", "no conversion answers as the model itself does")
    rows = DIGITS if isinstance(model, lightgbm.Booster) else DATA
    np.testing.assert_array_equal(server.predict(rows, []), own(model, rows))


def test_categories_are_answered_alike(tmp_path: Path) -> None:
    model = light("regression", EVEN, DIGITS, [0])
    assert {1.0, 3.0} <= set(trees.thresholds(trees.imported(model))[0])
    server, _ = served(model, tmp_path)
    np.testing.assert_allclose(server.predict(DIGITS, []), own(model, DIGITS), rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("asked", [None, "off"])
def test_nothing_is_converted_unasked(asked: str | None, tmp_path: Path) -> None:
    model = light("binary", TWO)
    server, said = served(model, tmp_path, asked)
    assert [entry for entry in said if "accelerated" in entry["event"]] == []
    np.testing.assert_array_equal(server.predict(DATA, []), own(model, DATA))


def test_another_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="the parameter accelerate is 'on', and auto or off was expected"):
        served(boosted("binary:logistic", TWO), tmp_path, "on")
