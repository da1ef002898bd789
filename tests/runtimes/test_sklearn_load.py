import shutil
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.cluster import DBSCAN
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from structlog.testing import capture_logs

from infergraph.errors import ArtifactError, LoadError
from infergraph.runtimes.sklearn import SklearnServer

DATA = Path(__file__).parent / "data"
X = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.1, 4.4, 1.4], [6.3, 3.3, 6.0, 2.5]])  # setosa, versicolor, virginica


def of(file: str) -> SklearnServer:
    return SklearnServer(str(DATA / file))


@pytest.mark.parametrize("name", ["model.joblib", "model.pickle", "model.pkl", "any.name"])
def test_file_names(name: str, tmp_path: Path) -> None:
    shutil.copy(DATA / "logistic-1.5.2.pkl", tmp_path / name)
    server = SklearnServer(str(tmp_path / name if name == "any.name" else tmp_path))
    server.load()
    assert server.predict(X, []).shape == (3, 3)


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    (tmp_path / "model.bst").touch()
    with pytest.raises(ArtifactError, match=r"model\.joblib, .*, model\.skops, and the folder holds model\.bst"):
        SklearnServer(str(tmp_path)).load()


@pytest.mark.parametrize("file", ["forest-1.5.2.joblib", "logistic-1.2.2.pkl", "logistic-1.5.2.pkl"])
def test_models_of_other_versions_that_work_are_one_warning(file: str) -> None:
    server = of(file)
    with capture_logs() as logs:
        server.load()
    assert len(logs) == 1
    assert logs[0]["log_level"] == "warning"
    assert logs[0]["event"].startswith(f"{file} was made with scikit-learn {file.split('-')[1][:5]}, and ")
    assert server.predict(X, []).argmax(axis=1).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("file", "cause"),
    [
        ("forest-1.2.2.joblib", "ValueError: node array from the pickle has an incompatible dtype"),
        ("boosted-1.2.2.joblib", "ModuleNotFoundError: No module named 'sklearn.ensemble._gb_losses'"),
        ("boosted-1.5.2.joblib", "ModuleNotFoundError: No module named '_loss'"),
        ("imputed-1.2.2.joblib", "it fails here: AttributeError: 'SimpleImputer' object has no attribute"),
        ("imputed-1.5.2.joblib", "it fails here: AttributeError: 'SimpleImputer' object has no attribute"),
    ],
)
def test_models_of_other_versions_that_fail_say_what_to_install(file: str, cause: str) -> None:
    version = file.split("-")[1].removesuffix(".joblib")
    with pytest.raises(LoadError) as caught:
        of(file).load()
    assert str(caught.value).startswith(f"{file} was made with scikit-learn {version}, and ")
    needed = '"scikit-learn==1.2.2" "numpy<2"' if version == "1.2.2" else f'"scikit-learn=={version}"'
    assert f"install the same one or use infergraph run --fix: pip install {needed} ({cause}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"a": 1}, r"model\.joblib holds a dict, and a fitted model with a predict method was expected"),
        (StandardScaler(), "holds a StandardScaler"),
        (DBSCAN(), "holds a DBSCAN"),
        (LogisticRegression, "holds the class LogisticRegression itself"),
        (LogisticRegression(), "LogisticRegression that was saved before fit"),
    ],
)
def test_what_is_no_fitted_model(model: Any, message: str, tmp_path: Path) -> None:
    joblib.dump(model, tmp_path / "model.joblib")
    with pytest.raises(LoadError, match=message):
        SklearnServer(str(tmp_path)).load()


class Broken:
    """A model whose attributes raise, as those of other versions do."""

    @property
    def predict(self) -> object:
        raise KeyError("gone")


def test_a_model_whose_attributes_raise(tmp_path: Path) -> None:
    joblib.dump(Broken(), tmp_path / "model.joblib")
    with pytest.raises(LoadError, match=r"^model\.joblib loads but does not work here \(KeyError: 'gone'\)$"):
        SklearnServer(str(tmp_path)).load()


@pytest.mark.parametrize("missing", ["sklearn", "joblib"])
def test_scikit_learn_is_missing(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(LoadError, match=r'needs scikit-learn: pip install "infergraph\[sklearn\]"'):
        of("logistic-1.5.2.pkl").load()


def test_predict_before_load() -> None:
    with pytest.raises(RuntimeError, match=r"call load\(\) before predict\(\)"):
        of("logistic-1.5.2.pkl").predict(X, [])
