import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
import pytest
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from infergraph.errors import ArtifactError, BadMessage, LoadError
from infergraph.runtimes.inspection.installed import installed_version
from infergraph.runtimes.mlflow import MlflowServer

X, y = load_iris(return_X_y=True)
NAMED = load_iris(as_frame=True).data
QUICK: Any = {"pip_requirements": ["numpy"]}  # to find them out takes MLflow longer than the test


def classifier(data: Any = X) -> Any:
    return LogisticRegression(max_iter=1000).fit(data, y)


def served(folder: Path, **parameters: Any) -> MlflowServer:
    """Load a folder as a server does."""
    server = MlflowServer(str(folder), **parameters)
    server.load()
    return server


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a signature of named columns."""
    folder = tmp_path_factory.mktemp("named") / "model"
    mlflow.sklearn.save_model(classifier(NAMED), folder, signature=infer_signature(NAMED, y), **QUICK)
    return folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model without a signature."""
    folder = tmp_path_factory.mktemp("bare") / "model"
    mlflow.sklearn.save_model(classifier(), folder, **QUICK)
    return folder


class Mixed(mlflow.pyfunc.PythonModel):
    """Answers a DataFrame with what it got."""

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        return pd.DataFrame({"kinds": model_input.dtypes.astype(str).tolist(), "first": model_input.iloc[0].tolist()})


class Telling(mlflow.pyfunc.PythonModel):
    """Answers what kind of thing it got."""

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        return [type(model_input).__name__]


def test_answers_are_the_models_own(named: Path) -> None:
    server = served(named)
    expected = mlflow.pyfunc.load_model(str(named)).predict(NAMED)
    np.testing.assert_array_equal(server.predict(X, []), expected)
    np.testing.assert_array_equal(server.predict(X[:, ::-1], list(NAMED)[::-1]), expected)
    np.testing.assert_array_equal(served(named, xtype="ndarray").predict(X, []), expected)


def test_a_signature_of_an_array(tmp_path: Path) -> None:
    mlflow.sklearn.save_model(classifier(), tmp_path / "m", signature=infer_signature(X, y), **QUICK)
    server = served(tmp_path / "m")
    np.testing.assert_array_equal(server.predict(X.astype(np.float32).astype(object), []), classifier().predict(X))
    with pytest.raises(BadMessage, match=r"takes FP64 of the shape \[-1, 4\], and the shape \[1, 3\] came"):
        server.predict(np.ones((1, 3)), [])
    assert server.init_metadata()["inputs"] == [{"name": "input", "datatype": "FP64", "shape": [-1, 4]}]


def test_a_signature_of_named_arrays(tmp_path: Path) -> None:
    class Sum(mlflow.pyfunc.PythonModel):
        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return model_input["a"] + model_input["b"].sum(axis=1)

    given = {"a": np.ones(2, np.float32), "b": np.ones((2, 3))}
    mlflow.pyfunc.save_model(tmp_path / "m", python_model=Sum(), signature=infer_signature(given), **QUICK)
    server = served(tmp_path / "m")
    assert not server.takes_table
    assert server.predict({"a": [1, 2], "b": [[1, 2, 3], [4, 5, 6]]}, []).tolist() == [7.0, 17.0]
    with pytest.raises(BadMessage, match="the model takes `a`, `b` by name, and a came"):
        server.predict({"a": [1]}, [])


def test_without_a_signature_the_model_inside_says_what_it_takes(bare: Path) -> None:
    server = served(bare)
    np.testing.assert_array_equal(server.predict(X, []), classifier().predict(X))
    assert server.init_metadata()["inputs"] == []
    with pytest.raises(BadMessage, match="rows of 4 numbers, and row 0 has 3"):
        server.predict(np.ones((1, 3)), [])
    with pytest.raises(BadMessage, match="the model cannot take this input: Input X contains NaN"):
        server.predict(np.full((1, 4), np.nan), [])


@pytest.mark.parametrize(("xtype", "kind"), [(None, "ndarray"), ("ndarray", "ndarray"), ("dataframe", "DataFrame")])
def test_xtype(xtype: str | None, kind: str, tmp_path: Path) -> None:
    mlflow.pyfunc.save_model(tmp_path / "m", python_model=Telling(), **QUICK)
    assert served(tmp_path / "m", xtype=xtype).predict(np.ones((1, 2)), ["a", "b"]) == [kind]


def test_xtype_has_two_values(bare: Path) -> None:
    with pytest.raises(LoadError, match="the parameter xtype is 'table', and it is one of ndarray, DataFrame"):
        MlflowServer(str(bare), xtype="table")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of columns of several types, which answers a DataFrame."""
    folder = tmp_path_factory.mktemp("mixed") / "model"
    table = pd.DataFrame({"age": [1, 2], "name": ["a", "b"], "size": [1.5, 2.5], "old": [True, False]})
    mlflow.pyfunc.save_model(folder, python_model=Mixed(), signature=infer_signature(table), **QUICK)
    return folder


def test_columns_have_their_types(mixed: Path) -> None:
    answer = served(mixed).predict(np.array([[1.0, "a", 2, True]], dtype=object), [])
    assert list(answer.columns) == ["kinds", "first"]
    assert [str(kind)[:3] for kind in answer["kinds"]] == ["int", answer["kinds"][1][:3], "flo", "boo"]
    assert answer["first"].tolist() == [1, "a", 2.0, True]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([1.5, "a", 1, True], r"input `age` takes INT64 of the shape \[-1\], and 1\.5 came"),
        ([1, 2, 1, True], "input `name` takes BYTES .* and 2 came"),
        ([1, None, 1, True], "input `name` takes BYTES .* and None came"),
        ([1, "a", "b", True], "input `size` takes FP64 .* and 'b' came"),
        ([1, "a", 1], r"rows of 4 values \(age, name, size, old\), and row 0 has 3"),
    ],
)
def test_wrong_cells(row: list[Any], message: str, mixed: Path) -> None:
    with pytest.raises(BadMessage, match=message):
        served(mixed).predict(np.array([row], dtype=object), [])


def test_a_missing_number(mixed: Path) -> None:
    answer = served(mixed).predict(np.array([[1, "a", None, True]], dtype=object), [])
    assert np.isnan(answer["first"][2])


def test_rows_are_independent_where_scikit_learn_says_so(named: Path, mixed: Path, tmp_path: Path) -> None:
    server = served(named)
    assert server.rows_are_independent
    assert isinstance(server.prepare(X, []), np.ndarray)
    together = server.predict_prepared(np.concatenate([server.prepare(row[None], []) for row in X]))
    np.testing.assert_array_equal(together, server.predict(X, []))
    assert not served(mixed).rows_are_independent
    assert served(mixed, rows_are_independent=True).rows_are_independent
    model = make_pipeline(FunctionTransformer(_centred), LogisticRegression()).fit(X, y)
    mlflow.sklearn.save_model(model, tmp_path / "m", serialization_format="cloudpickle", **QUICK)
    assert not served(tmp_path / "m").rows_are_independent


def _centred(data: Any) -> Any:
    return data - data.mean(axis=0)


def test_metadata(named: Path) -> None:
    found = served(named).init_metadata()
    assert [one["name"] for one in found["inputs"]] == list(NAMED)
    assert {(one["datatype"], *one["shape"]) for one in found["inputs"]} == {("FP64", -1)}
    assert found["outputs"] == [{"name": "predict", "datatype": "INT64", "shape": [-1]}]
    assert found["custom"]["flavors"] == "sklearn"
    assert found["platform"] == "mlflow"


def copy(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def write(text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / "MLmodel").write_text(text)


def replace(old: str, new: str) -> Callable[[Path], object]:
    return lambda folder: (folder / "MLmodel").write_text((folder / "MLmodel").read_text().replace(old, new))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (write(""), "MLmodel names no flavors: it is cut short, or it is no model of MLflow"),
        (write("a: [b"), r"MLmodel cannot be read as YAML: copy it again \(ParserError"),
        (replace("python_function", "pmml"), "no flavor python_function, which MLFLOW_SERVER loads; it has pmml, sk"),
        (lambda folder: (folder / "model.skops").unlink(), r"model\.skops is missing, which MLmodel names"),
        (
            lambda folder: (folder / "model.skops").write_bytes(b"PK\x03\x04"),
            "the MLflow model does not load: BadZipFile",
        ),
        (
            replace("mlflow.sklearn", "no_such.loader"),
            r"needs the Python module no_such, which is not installed here: pip install -r \S+requirements\.txt",
        ),
    ],
)
def test_broken_folders(damage: Callable[[Path], object], message: str, bare: Path, tmp_path: Path) -> None:
    folder = copy(bare, tmp_path / "model")
    damage(folder)
    with pytest.raises(LoadError, match=message) as caught:
        served(folder)
    assert "\n" not in str(caught.value)


def test_a_failure_says_what_it_was_made_with(bare: Path, tmp_path: Path) -> None:
    folder = copy(bare, tmp_path / "model")
    (folder / "requirements.txt").write_text("scikit-learn==0.1\nabsent-package==2\nnumpy\n")
    (folder / "model.skops").write_bytes(b"PK\x03\x04")
    with pytest.raises(
        LoadError, match=r"it was made with scikit-learn 0\.1 \(\S+ is installed here\), absent-package 2"
    ):
        served(folder)


def test_a_folder_without_mlmodel(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").touch()
    with pytest.raises(ArtifactError, match=r"looked for MLmodel, and the folder holds model\.pkl"):
        served(tmp_path)


def test_the_small_package_counts_as_mlflow() -> None:
    """The extra brings mlflow-skinny, which is what loads models."""
    assert installed_version("mlflow") == mlflow.__version__
