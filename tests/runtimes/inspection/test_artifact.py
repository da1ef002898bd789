"""The doctor's table: real artifacts, whole and broken, and what is said of each."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from infergraph.errors import LoadError
from infergraph.runtimes.inspection.artifact import examine
from infergraph.runtimes.inspection.report import Field, Report, Severity, Verdict
from infergraph.runtimes.mlflow import MlflowServer
from infergraph.runtimes.sklearn import SklearnServer
from tests.conformance.environments import Environment

X = pd.DataFrame({"length": [1.0, 2.0, 3.0, 4.0] * 5, "width": [0.0, 1.0, 0.0, 1.0] * 5})
Y = [0, 1, 0, 1] * 5
OLD = {
    version: Environment(f"sklearn-{version}", (f"scikit-learn=={version}", *extra, "joblib"), newest=(3, 12))
    for version, extra in (("1.3.2", ("numpy<2",)), ("1.5.2", ()))
}
TRAIN = """
import sys, pickle, joblib
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
X, y = load_iris(return_X_y=True)
joblib.dump(LogisticRegression(max_iter=1000).fit(X, y), "logistic.joblib")
joblib.dump(RandomForestClassifier(2).fit(X, y), "forest.joblib", compress=3)
joblib.dump(GradientBoostingClassifier(n_estimators=1).fit(X, y), "boosted.joblib")
pickle.dump(make_pipeline(SimpleImputer(), LogisticRegression(max_iter=1000)).fit(X, y), open("imputed.pkl", "wb"))
"""


def saved(model: Any, folder: Path) -> Path:
    joblib.dump(model, folder / "model.joblib")
    return folder / "model.joblib"


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        make_pipeline(StandardScaler(), SVC()),
        make_pipeline(ColumnTransformer([("a", SimpleImputer(), ["length"])]), RandomForestRegressor(3)),
        GradientBoostingClassifier(n_estimators=2),
        HistGradientBoostingClassifier(max_iter=2),
        GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [1, 2]}, cv=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_models_made_here(model: Any, tmp_path: Path) -> None:
    file = saved(model.fit(X, Y), tmp_path)
    report = examine(tmp_path)
    assert report.path == str(file)
    assert report.framework == "scikit-learn"
    assert report.server == "SKLEARN_SERVER"
    assert [field.name for field in report.inputs] == ["length", "width"]
    assert report.packages[0].made_with == report.packages[0].installed == sklearn.__version__
    assert (report.problems, report.dangers) == ([], [])
    assert report.verdict is Verdict.LOADS


def test_inputs_without_names(tmp_path: Path) -> None:
    report = examine(saved(make_pipeline(StandardScaler(), LogisticRegression()).fit(X.to_numpy(), Y), tmp_path))
    assert report.inputs == [Field(shape=(-1, 2))]
    assert report.model == "Pipeline (StandardScaler → LogisticRegression)"
    assert report.details == {"classes": "0, 1"}


def failure(file: Path) -> str:
    """What the server says; nothing when it serves the model."""
    try:
        SklearnServer(str(file)).load()
    except LoadError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("version", OLD)
@pytest.mark.timeout(600)
def test_models_of_older_versions(version: str, made: Callable[[Environment], Environment], tmp_path: Path) -> None:
    """What is said before loading holds: what fails does fail, and what may not is tried."""
    environment = made(OLD[version])
    environment.run("python", "-c", f"import os; os.chdir({str(tmp_path)!r})\n{TRAIN}")
    verdicts = {}
    for file in sorted(tmp_path.iterdir()):
        report = examine(file)
        (problem,) = report.problems
        assert f"was made with scikit-learn {version}, and {sklearn.__version__} is installed here" in problem.text
        assert report.requirements[0] == f"scikit-learn=={version}"
        assert report.inputs == [Field(shape=(-1, 4))]
        verdicts[file.stem] = report.verdict
        said = failure(file)
        assert f"made with scikit-learn {version}" in said if said else report.verdict is Verdict.MAY_FAIL
    assert verdicts == {
        "logistic": Verdict.MAY_FAIL,
        "forest": Verdict.MAY_FAIL,
        "boosted": Verdict.FAILS,
        "imputed": Verdict.FAILS,
    }


class Mine:
    """A model of somebody's own, in a module that is here."""

    def predict(self, X: Any) -> Any:
        return X


def renamed(model: Any, name: bytes, folder: Path) -> Path:
    """The model with the name of its module changed to one of the same length."""
    content = pickle.dumps(model)
    own = __name__.encode()
    assert own in content
    (folder / "model.pkl").write_bytes(content.replace(own, name.ljust(len(own), b"x")))
    return folder / "model.pkl"


def test_code_of_somebodys_own_is_named(tmp_path: Path) -> None:
    report = examine(saved(make_pipeline(FunctionTransformer(Mine.predict), LogisticRegression()), tmp_path))
    (danger,) = [one for one in report.dangers if one.what == __name__]
    assert danger.severity is Severity.FOREIGN
    assert not report.is_dangerous


def test_a_module_that_is_not_here(tmp_path: Path) -> None:
    report = examine(renamed(Mine(), b"my_company_models", tmp_path))
    (problem,) = report.problems
    assert "needs the Python module my_company_models" in problem.text
    assert "install the package that has it" in problem.text
    assert problem.install == ()  # a guessed name may be somebody's trap


def test_a_known_package_that_is_not_here(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"\x80\x04\x8c\x16imblearn.over_sampling\x8c\x05SMOTE\x93)\x81.")
    report = examine(tmp_path / "m")
    assert report.requirements == ("imbalanced-learn",)
    assert "pip install imbalanced-learn" in report.problems[0].text


BROKEN = {
    "empty": (b"", "is empty (0 bytes): copy it again"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "is a Git LFS pointer"),
    "page": (b"<!DOCTYPE html><html><body>Sign in", "is a web page"),
    "text": (b"col1,col2\n1,2", "is no model that is known here: it begins with b'col1,col2"),
    "zeros": (bytes(4096), "is no model that is known here"),
    "dict": (pickle.dumps({"a": 1}), "holds a dict, and a fitted model with a predict method was expected"),
    "class": (pickle.dumps(LogisticRegression), "holds sklearn.linear_model._logistic.LogisticRegression itself"),
    "main": (b"\x80\x04c__main__\nMyModel\n)\x81.", "which was defined in the script that trained the model"),
    "cut": (pickle.dumps(LogisticRegression().fit(X, Y))[:-20], "is cut short or damaged: copy it again"),
    "nonsense": (b"\x80\x04\xff.", "could not be read to its end: it makes no sense as a pickle"),
    "lz4": (b"\x04\x22\x4d\x18rest", "compressed with lz4"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files(name: str, tmp_path: Path) -> None:
    content, sentence = BROKEN[name]
    (tmp_path / "model.joblib").write_bytes(content)
    report = examine(tmp_path / "model.joblib")
    assert sentence in report.problems[0].text
    assert report.verdict is not Verdict.LOADS
    with pytest.raises(LoadError) as caught:
        SklearnServer(str(tmp_path)).load()
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("model.joblib ")


@pytest.mark.parametrize("content", [b"\x80\x04\xff.", b"\x80\x04" + b"N0" * 1_100_000 + b"cos\nsystem\n."])
def test_what_could_not_be_looked_at_is_said(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(content)
    report = examine(tmp_path)
    assert [danger.severity for danger in report.dangers] == [Severity.UNSEEN]
    assert report.verdict is Verdict.MAY_FAIL


def dangerous(folder: Path) -> tuple[Path, Path]:
    target = folder / "ran"
    content = b"cos\nmkdir\n(V%s\ntR." % bytes(target)
    (folder / "model.joblib").write_bytes(content)
    return folder / "model.joblib", target


def test_what_is_dangerous_is_named_and_not_loaded(tmp_path: Path) -> None:
    file, target = dangerous(tmp_path)
    report: Report = examine(file)
    assert report.is_dangerous
    assert report.dangers[0].why == "loading it would call os.mkdir: it can start programs, and no model needs that"
    with pytest.raises(LoadError, match=r"is dangerous and was not loaded: .*os\.mkdir.*allow_code"):
        SklearnServer(str(file)).load()
    assert not target.exists()


def test_what_is_dangerous_is_loaded_when_it_is_allowed(tmp_path: Path) -> None:
    file, target = dangerous(tmp_path)
    with pytest.raises(LoadError, match="holds a NoneType"):
        SklearnServer(str(file), allow_code=True).load()
    assert target.is_dir()


def test_a_folder_with_a_model_of_another_name(tmp_path: Path) -> None:
    saved(LogisticRegression().fit(X, Y), tmp_path).rename(tmp_path / "classifier.pkl")
    assert examine(tmp_path).framework == "scikit-learn"
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "other.pkl").write_text("x")
    assert "it holds classifier.pkl, notes.txt, other.pkl" in examine(tmp_path).problems[0].text


def test_a_dangerous_pickle_of_mlflow_is_not_loaded(tmp_path: Path) -> None:
    """It is looked at before anything of MLflow's is imported."""
    told = "flavors: {python_function: {loader_module: mlflow.pyfunc.model, python_model: model.joblib}}"
    (tmp_path / "MLmodel").write_text(told)
    _, target = dangerous(tmp_path)
    with pytest.raises(LoadError, match=r"is dangerous and was not loaded: .*os\.mkdir.*allow_code"):
        MlflowServer(str(tmp_path)).load()
    assert not target.exists()
