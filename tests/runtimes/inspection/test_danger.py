"""Names that no model needs are named, and a framework's own are not."""

import pickle
from pathlib import Path
from typing import Any

import pytest
import sklearn
from sklearn.utils import all_estimators

from infergraph.runtimes.inspection.danger import dangers_in
from infergraph.runtimes.inspection.pickle_values import Global
from infergraph.runtimes.inspection.pickled_model import read_pickled
from infergraph.runtimes.inspection.report import Severity, Verdict


def severities(module: str, name: str) -> list[Severity]:
    return [danger.severity for danger in dangers_in({Global(module, name): True}, "m")]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("posix", "system"),
        ("nt", "system"),
        ("subprocess", "Popen"),
        ("builtins", "eval"),
        ("builtins", "exec"),
        ("__builtin__", "compile"),
        ("builtins", "__import__"),
        ("builtins", "open"),
        ("builtins", "setattr"),
        ("sys", "modules"),
        ("importlib", "import_module"),
        ("socket", "create_connection"),
        ("urllib.request", "urlopen"),
        ("shutil", "rmtree"),
        ("pickle", "loads"),
        ("runpy", "run_path"),
        ("ctypes", "CDLL"),
        ("webbrowser", "open"),
        ("antigravity", "geohash"),
        ("sqlite3", "connect"),
        ("joblib", "load"),
        ("joblib", "os.system"),
        ("sklearn.utils", "fixes.sys.modules"),
        ("numpy", "load"),
        ("numpy.f2py.crackfortran", "myeval"),
        ("numpy.testing._private.utils", "runstring"),
        ("pandas", "read_pickle"),
        ("pandas", "eval"),
        ("torch", "load"),
        ("torch.hub", "download_url_to_file"),
    ],
)
def test_what_no_model_needs(module: str, name: str) -> None:
    assert severities(module, name) == [Severity.CODE]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("my_company.features", "Ratio"),
        ("__main__", "Model"),
        ("builtins", "getattr"),
        ("operator", "attrgetter"),
        ("cloudpickle.cloudpickle", "_make_function"),
        ("types", "CodeType"),
    ],
)
def test_code_of_somebodys_own(module: str, name: str) -> None:
    assert severities(module, name) == [Severity.FOREIGN]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("sklearn.linear_model._logistic", "LogisticRegression"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("builtins", "set"),
        ("copyreg", "_reconstructor"),
        ("collections", "OrderedDict"),
        ("datetime", "datetime"),
        ("numpy", "float64"),
        ("functools", "partial"),
        ("pandas._libs.internals", "_unpickle_block"),
        ("xgboost.sklearn", "XGBClassifier"),
        ("torch._utils", "_rebuild_tensor_v2"),
        ("scipy.sparse._csr", "csr_matrix"),
    ],
)
def test_what_models_have(module: str, name: str) -> None:
    assert severities(module, name) == []


ESTIMATORS = [(name, kind) for name, kind in all_estimators() if name != "FrozenEstimator"]  # it has to hold another


@pytest.mark.parametrize(("name", "kind"), ESTIMATORS, ids=[name for name, _ in ESTIMATORS])
def test_all_of_scikit_learn_is_known_and_loads_here(name: str, kind: Any, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(pickle.dumps(object.__new__(kind)))
    report = read_pickled(tmp_path / "m")
    assert report.dangers == []
    assert report.verdict is Verdict.LOADS
    assert report.model == name
    assert report.packages[0].made_with in (None, sklearn.__version__)


def test_the_worst_comes_first_and_each_once() -> None:
    called = {Global("mine", "A"): True, Global("mine", "B"): True, Global("os", "system"): True}
    dangers = dangers_in(called, "m")
    assert [(danger.what, danger.severity.value) for danger in dangers] == [("os.system", "code"), ("mine", "foreign")]
    assert "trust whoever wrote it" in dangers[1].why
