import importlib.metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.datasets import load_breast_cancer

from infergraph.errors import BadMessage, LoadError
from infergraph.runtimes.xgboost import XgboostServer
from tests.runtimes.models import NAMED, ROWS, X, booster, y

DATA = Path(__file__).parent / "data"


def served(model: Any, folder: Path, name: str = "model.json") -> XgboostServer:
    """Save a booster, and load it as a server does."""
    model.save_model(folder / name)
    server = XgboostServer(str(folder))
    server.load()
    return server


def own(model: Any, rows: Any = X) -> Any:
    """What the framework itself answers."""
    return model.predict(xgboost.DMatrix(rows, feature_names=model.feature_names, feature_types=model.feature_types))


@pytest.mark.parametrize("objective", ["multi:softprob", "multi:softmax"])
def test_answers_are_the_models_own(objective: str, tmp_path: Path) -> None:
    model = booster(objective=objective)
    answer = served(model, tmp_path).predict(X, [])
    np.testing.assert_array_equal(answer, own(model))
    assert answer.shape == ((150, 3) if objective == "multi:softprob" else (150,))


def test_two_classes_are_one_number_a_row(tmp_path: Path) -> None:
    data, labels = load_breast_cancer(return_X_y=True)
    model = booster(data, labels)
    answer = served(model, tmp_path).predict(data, [])
    np.testing.assert_array_equal(answer, own(model, data))
    assert answer.shape == (569,)


@pytest.mark.parametrize("kind", ["gblinear", "dart"])
def test_other_kinds_of_boosters(kind: str, tmp_path: Path) -> None:
    parameters = {"booster": kind, "objective": "reg:squarederror", "nthread": 1, "seed": 0}
    model = xgboost.train(parameters, xgboost.DMatrix(X, y, feature_names=list("abcd")), 3)
    server = served(model, tmp_path)
    np.testing.assert_array_equal(server.predict(X, []), own(model))
    np.testing.assert_array_equal(server.predict(X[:, ::-1], list("dcba")), own(model))


@pytest.mark.parametrize("name", ["model.bst", "model.ubj", "model.json", "any.name"])
@pytest.mark.filterwarnings("ignore:.*Saving model in the UBJSON format")
def test_file_names(name: str, tmp_path: Path) -> None:
    model = booster()
    model.save_model(tmp_path / name)
    server = XgboostServer(str(tmp_path / name if name == "any.name" else tmp_path))
    server.load()
    np.testing.assert_array_equal(server.predict(ROWS, []), own(model, ROWS))


def test_early_stopping_changes_nothing(tmp_path: Path) -> None:
    classifier = xgboost.XGBClassifier(n_estimators=40, early_stopping_rounds=1, n_jobs=1, learning_rate=1.0)
    model = classifier.fit(X[::2], y[::2], eval_set=[(X[1::2], y[1::2])], verbose=False).get_booster()
    np.testing.assert_array_equal(served(model, tmp_path).predict(X, []), own(model))


def test_named_columns_come_in_any_order(tmp_path: Path) -> None:
    model = booster(NAMED)
    server = served(model, tmp_path)
    np.testing.assert_array_equal(server.predict(X[:, ::-1], list(NAMED.columns)[::-1]), own(model))
    with pytest.raises(BadMessage, match=r"4 numbers \(sepal length \(cm\), .*\), and row 0 has 3"):
        server.predict(X[:, :3], [])


def test_categories_are_their_numbers(tmp_path: Path) -> None:
    table = NAMED.assign(kind=pd.Categorical(["a", "b", "c"] * 50))
    model = booster(table, enable_categorical=True)
    numbers = table.assign(kind=table["kind"].cat.codes).to_numpy()
    expected = model.predict(xgboost.DMatrix(table, enable_categorical=True))
    np.testing.assert_array_equal(served(model, tmp_path).predict(numbers, []), expected)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 2, 3]], "rows of 4 numbers, and row 0 has 3"),
        ([[1, 2, 3, 4, 5]], "rows of 4 numbers, and row 0 has 5"),
        ([1, 2, 3, 4], "one flat list of 4 came"),
        ([[1, "a", 3, 4]], "row 0, column 1 is 'a'"),
        (np.zeros((0, 4)), "there are no rows"),
    ],
)
def test_wrong_rows(rows: Any, message: str, tmp_path: Path) -> None:
    data = np.array(rows, dtype=object) if isinstance(rows, list) else rows
    with pytest.raises(BadMessage, match=message):
        served(booster(), tmp_path).predict(data, [])


@pytest.mark.parametrize("dtype", ["f2", "f4", "i8", "u1", "?"])
def test_types_of_numbers(dtype: str, tmp_path: Path) -> None:
    model = booster()
    rows = np.ones((2, 4), dtype)
    np.testing.assert_array_equal(served(model, tmp_path).predict(rows, []), own(model, np.ones((2, 4))))


def test_missing_values_are_taken(tmp_path: Path) -> None:
    model = booster()
    server = served(model, tmp_path)
    rows = np.array([[1.0, None, 3.0, 4.0]], dtype=object)
    np.testing.assert_array_equal(server.predict(rows, []), own(model, rows.astype(float)))


def test_rows_are_independent_and_prepared_once(tmp_path: Path) -> None:
    model = booster()
    server = served(model, tmp_path)
    assert server.rows_are_independent
    together = server.predict_prepared(np.concatenate([server.prepare(row[None], []) for row in ROWS]))
    np.testing.assert_array_equal(together, own(model, ROWS))


def test_metadata(tmp_path: Path) -> None:
    (tmp_path / "metadata.yaml").write_text("name: flowers\n")
    assert served(booster(NAMED), tmp_path).init_metadata() == {
        "name": "flowers",
        "platform": "xgboost",
        "inputs": [{"messagetype": "ndarray", "schema": {"shape": [4], "names": list(NAMED.columns)}}],
        "outputs": [{"name": "predict", "datatype": "FP32", "shape": [-1, 3]}],
    }


def test_the_old_binary_format() -> None:
    server = XgboostServer(str(DATA / "stump-2.1.4.bst"))
    if tuple(map(int, importlib.metadata.version("xgboost-cpu").split(".")[:2])) < (3, 1):
        server.load()
        return
    with pytest.raises(LoadError, match=r"old binary format, which XGBoost \S+ reads no more: .*\"xgboost-cpu<3\.1\""):
        server.load()


def test_predict_before_load() -> None:
    with pytest.raises(RuntimeError, match=r"call load\(\) before predict\(\)"):
        XgboostServer("model.bst").predict(X, [])
