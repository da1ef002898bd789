from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer

from infergraph.errors import BadMessage, LoadError
from infergraph.runtimes.lightgbm import LightgbmServer
from tests.runtimes.models import NAMED, ROWS, X, light, y

MIXED = NAMED.assign(kind=pd.Categorical(["a", "b", "c"] * 50), size=pd.Categorical([1, 2, 3] * 50))


def served(model: Any, folder: Path, name: str = "model.txt") -> LightgbmServer:
    """Save a booster, and load it as a server does."""
    model.save_model(folder / name)
    server = LightgbmServer(str(folder))
    server.load()
    return server


@pytest.mark.parametrize("name", ["model.txt", "model.bst", "model.lgb"])
def test_answers_are_the_models_own(name: str, tmp_path: Path) -> None:
    model = light()
    answer = served(model, tmp_path, name).predict(X, [])
    np.testing.assert_array_equal(answer, model.predict(X))
    assert answer.shape == (150, 3)


def test_one_number_a_row(tmp_path: Path) -> None:
    data, labels = load_breast_cancer(return_X_y=True)
    model = light(data, labels)
    np.testing.assert_array_equal(served(model, tmp_path).predict(data, []), model.predict(data))
    regressor = lightgbm.LGBMRegressor(n_estimators=3, n_jobs=1, verbose=-1).fit(X, y).booster_
    np.testing.assert_array_equal(served(regressor, tmp_path).predict(X, []), regressor.predict(X))


@pytest.mark.parametrize("names", [list(NAMED.columns), [name.replace(" ", "_") for name in NAMED.columns]])
def test_named_columns_come_in_any_order(names: list[str], tmp_path: Path) -> None:
    model = light(NAMED)
    np.testing.assert_array_equal(served(model, tmp_path).predict(X[:, ::-1], names[::-1]), model.predict(NAMED))


def test_pandas_categories_take_their_own_values(tmp_path: Path) -> None:
    model = light(MIXED, min_data_per_group=1)
    server = served(model, tmp_path)
    rows = MIXED.to_numpy(dtype=object)
    np.testing.assert_array_equal(server.predict(rows, []), model.predict(MIXED))
    names = list(MIXED.columns)
    np.testing.assert_array_equal(server.predict(rows[:, ::-1], names[::-1]), model.predict(MIXED))


def test_a_category_that_is_not_known_is_missing(tmp_path: Path) -> None:
    model = light(MIXED, min_data_per_group=1)
    row = [*ROWS[0].tolist(), "never seen", 1]
    missing = MIXED[:1].assign(kind=pd.Categorical([None], categories=["a", "b", "c"]))
    missing.iloc[0, :4] = ROWS[0]
    answer = served(model, tmp_path).predict(np.array([row], dtype=object), [])
    np.testing.assert_array_equal(answer, model.predict(missing))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 2, 3, 4, "a"]], r"rows of 6 values \(.*\), and row 0 has 5"),
        ([["wide", 2, 3, 4, "a", 1]], r"row 0, column 0 \(sepal_length_\(cm\)\) is 'wide'"),
    ],
)
def test_wrong_cells_beside_categories(rows: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadMessage, match=message):
        served(light(MIXED), tmp_path).predict(np.array(rows, dtype=object), [])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 2, 3]], "rows of 4 numbers, and row 0 has 3"),
        ([[1, "a", 3, 4]], "row 0, column 1 is 'a'"),
        ([1, 2, 3, 4], "one flat list of 4 came"),
    ],
)
def test_wrong_rows(rows: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadMessage, match=message):
        served(light(), tmp_path).predict(np.array(rows, dtype=object), [])


def test_rows_are_independent(tmp_path: Path) -> None:
    server = served(light(), tmp_path)
    assert server.rows_are_independent
    together = server.predict_prepared(np.concatenate([server.prepare(row[None], []) for row in ROWS]))
    np.testing.assert_array_equal(together, [server.predict(row[None], [])[0] for row in ROWS])


def test_metadata(tmp_path: Path) -> None:
    assert served(light(), tmp_path).init_metadata() == {
        "platform": "lightgbm",
        "inputs": [{"messagetype": "ndarray", "schema": {"shape": [4]}}],
        "outputs": [{"name": "predict", "datatype": "FP64", "shape": [-1, 3]}],
    }


@pytest.mark.parametrize(("head", "said"), [("", "is not a LightGBM model"), ("tree\nversion=v4\n", "do not fit into")])
def test_a_sparse_file_is_larger_than_any_memory(head: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "model.txt"
    file.write_text(head)
    with file.open("r+b") as stream:
        stream.truncate(10 << 40)
    with pytest.raises(LoadError, match=said):
        LightgbmServer(str(tmp_path)).load()
