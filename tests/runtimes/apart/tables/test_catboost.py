from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pytest
from sklearn.datasets import load_iris

from infergraph.errors import BadMessage, LoadError
from infergraph.runtimes.catboost import CatboostServer

X, y = load_iris(return_X_y=True)
NAMED = load_iris(as_frame=True).data
MIXED = NAMED.assign(kind=["a", "b", "c"] * 50, size=[1, 2, 3] * 50)
SMALL = {"iterations": 3, "verbose": 0, "allow_writing_files": False}


def classifier(data: Any = X, labels: Any = y, **parameters: Any) -> Any:
    return catboost.CatBoostClassifier(**SMALL, **parameters).fit(data, labels)


def regressor() -> Any:
    return catboost.CatBoostRegressor(**SMALL).fit(X, y)


def served(model: Any, folder: Path, method: str | None = None, name: str = "model.cbm") -> CatboostServer:
    """Save a model, and load it as a server does."""
    model.save_model(folder / name, format=name.rpartition(".")[2])
    server = CatboostServer(str(folder), method)
    server.load()
    return server


def test_answers_are_the_models_own(tmp_path: Path) -> None:
    model = classifier()
    answer = served(model, tmp_path).predict(X, [])
    np.testing.assert_array_equal(answer, model.predict_proba(X))
    assert answer.shape == (150, 3)


@pytest.mark.parametrize("labels", [y, y > 0, np.array(["a", "b", "c"])[y]], ids=["numbers", "booleans", "texts"])
def test_methods(labels: Any, tmp_path: Path) -> None:
    model = classifier(labels=labels)
    classes = served(model, tmp_path, "predict").predict(X, [])
    assert classes.shape == (150,)
    assert list(map(str, classes)) == list(map(str, model.predict(X).ravel()))
    raw = served(model, tmp_path, "decision_function").predict(X, [])
    np.testing.assert_array_equal(raw, model.predict(X, prediction_type="RawFormulaVal"))


def test_a_regressor_predicts(tmp_path: Path) -> None:
    model = regressor()
    for method in (None, "predict"):
        np.testing.assert_array_equal(served(model, tmp_path, method).predict(X, []), model.predict(X))
    with pytest.raises(LoadError, match=r"'predict_proba', and model\.cbm holds a model that is no classifier"):
        served(model, tmp_path, "predict_proba")
    with pytest.raises(LoadError, match="is 'guess', and a CatBoost model has predict_proba, predict, decision_func"):
        served(model, tmp_path, "guess")


def test_the_json_form(tmp_path: Path) -> None:
    model = classifier()
    answer = served(model, tmp_path, name="model.json").predict(X, [])
    np.testing.assert_allclose(answer, model.predict_proba(X), atol=1e-12)


def test_columns_of_words(tmp_path: Path) -> None:
    model = classifier(MIXED, cat_features=["kind", "size"])
    server = served(model, tmp_path)
    rows = MIXED.to_numpy(dtype=object)
    np.testing.assert_array_equal(server.predict(rows, []), model.predict_proba(MIXED))
    np.testing.assert_array_equal(server.predict(rows[:, ::-1], list(MIXED)[::-1]), model.predict_proba(MIXED))


def test_whole_numbers_are_categories_however_they_are_written(tmp_path: Path) -> None:
    table = MIXED.drop(columns="kind")
    model = classifier(table, cat_features=["size"])
    np.testing.assert_array_equal(
        served(model, tmp_path).predict(table.to_numpy(dtype=float), []), model.predict_proba(table)
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([1, 2, 3, 4, 1.5, 1], r"the model cannot read these rows: .*cat_features must be integer or string"),
        (["wide", 2, 3, 4, "a", 1], "Cannot convert 'wide' to float"),
        ([1, 2, 3, 4, "a"], r"rows of 6 values \(sepal length .*\), and row 0 has 5"),
    ],
)
def test_wrong_rows_of_words(row: list[Any], message: str, tmp_path: Path) -> None:
    server = served(classifier(MIXED, cat_features=["kind", "size"]), tmp_path)
    with pytest.raises(BadMessage, match=message):
        server.predict(np.array([row], dtype=object), [])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 2, 3]], "rows of 4 numbers, and row 0 has 3"),
        ([[1, 2, 3, 4, 5]], "rows of 4 numbers, and row 0 has 5"),
        ([[1, "a", 3, 4]], "row 0, column 1 is 'a'"),
    ],
)
def test_wrong_rows(rows: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadMessage, match=message):
        served(classifier(), tmp_path).predict(np.array(rows, dtype=object), [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"model\.cbm is empty \(0 bytes\), and a CatBoost model was expected"),
        (b"CBM1\x80?\x00\x00\x10", r"model\.cbm is cut short or damaged: copy it again \(CatBoostError: "),
        (b"tree\nversion=v4", "is a LightGBM model, and CATBOOST_SERVER reads a CatBoost model; LIGHTGBM_SERVER"),
        (b"hello, world", r"is not a CatBoost model: it begins with b'hello, world' \(CatBoostError: Incorrect model"),
    ],
)
def test_broken_files(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "model.cbm").write_bytes(content)
    with pytest.raises(LoadError, match=message) as caught:
        CatboostServer(str(tmp_path)).load()
    assert "\n" not in str(caught.value)


def test_a_file_that_lost_its_end(tmp_path: Path) -> None:
    classifier().save_model(tmp_path / "model.cbm")
    content = (tmp_path / "model.cbm").read_bytes()
    (tmp_path / "model.cbm").write_bytes(content[:-20])
    with pytest.raises(LoadError, match="cut short or damaged"):
        CatboostServer(str(tmp_path)).load()


def test_metadata(tmp_path: Path) -> None:
    assert served(classifier(NAMED, np.array(["a", "b", "c"])[y]), tmp_path).init_metadata() == {
        "platform": "catboost",
        "inputs": [{"messagetype": "ndarray", "schema": {"shape": [4], "names": list(NAMED.columns)}}],
        "outputs": [{"name": "predict", "datatype": "FP64", "shape": [-1, 3]}],
        "custom": {"classes": "a, b, c"},
    }
