import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.sparse import csr_matrix
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, PowerTransformer, StandardScaler
from sklearn.svm import SVC
from structlog.testing import capture_logs

from infergraph.artifacts.locate import locate
from infergraph.errors import BadMessage, LoadError
from infergraph.runtimes.sklearn import SklearnServer

EXAMPLE = Path(__file__).parents[2] / "examples" / "iris"
X, y = load_iris(return_X_y=True)
NAMED = load_iris(as_frame=True).data
MIXED = pd.DataFrame({"size": np.arange(30.0), "kind": ["a", "b", "c"] * 10})
TEXTS = ["good", "very good", "bad", "very bad"] * 3


def served(model: Any, folder: Path, method: str | None = None) -> SklearnServer:
    """Save ``model``, and load it as a server does."""
    joblib.dump(model, folder / "model.joblib")
    server = SklearnServer(str(folder), method)
    server.load()
    return server


def classifier(data: Any = X) -> Any:
    return GaussianNB().fit(data, y)


def scaled(data: Any = X) -> Any:
    return make_pipeline("passthrough", StandardScaler(), GaussianNB()).fit(data, y)


def voting(data: Any = X) -> Any:
    parts = [("a", scaled()), ("b", RandomForestClassifier(2, random_state=0))]
    return VotingClassifier(parts, voting="soft").fit(data, y)


def framed(data: Any = X) -> Any:
    return make_pipeline(StandardScaler(), GaussianNB()).set_output(transform="pandas").fit(data, y)


def regressor(data: Any = X) -> Any:
    return LinearRegression().fit(data, y)


def of_texts() -> Any:
    return make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(TEXTS, [1, 1, 0, 0] * 3)


def of_mixed_columns() -> Any:
    columns = [("n", StandardScaler(), ["size"]), ("c", OneHotEncoder(handle_unknown="ignore"), ["kind"])]
    return make_pipeline(ColumnTransformer(columns, sparse_threshold=0), GaussianNB()).fit(MIXED, MIXED["kind"])


def test_the_iris_example_gives_the_golden_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(EXAMPLE / "train.py", tmp_path)
    runpy.run_path(str(tmp_path / "train.py"))
    manifest = yaml.safe_load((EXAMPLE / "iris.yaml").read_text())
    uri = manifest["spec"]["predictors"][0]["graph"]["modelUri"]
    server = SklearnServer(str(locate(uri, folder=tmp_path, artifacts={})))
    server.load()
    got = server.predict(np.array([[1.0, 2, 5, 6], [5.964, 4.006, 2.081, 1.031]]), [])
    golden = [
        [9.912315378486697e-07, 0.0007015931307746079, 0.9992974156376876],
        [0.9548873249364169, 0.04505474761561406, 5.7927447968952436e-05],
    ]
    np.testing.assert_allclose(got, golden, rtol=0, atol=1e-10)
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize(
    "make",
    [classifier, scaled, voting, framed, regressor],
    ids=lambda make: make.__name__,
)
@pytest.mark.parametrize("data", [X, NAMED], ids=["array", "frame"])
def test_answers_are_the_models_own(make: Callable[[Any], Any], data: Any, tmp_path: Path) -> None:
    model = make(data)
    own = getattr(model, "predict_proba", model.predict)
    expected = own(data)
    given = np.array(X)
    given.setflags(write=False)  # a view of a received message cannot be written to
    np.testing.assert_array_equal(served(model, tmp_path).predict(given, []), expected)


@pytest.mark.parametrize("make", [classifier, scaled, framed], ids=lambda make: make.__name__)
def test_named_columns_come_in_any_order(make: Callable[[Any], Any], tmp_path: Path) -> None:
    server = served(make(NAMED), tmp_path)
    names = list(NAMED.columns)
    assert server.predict(X[:, ::-1], names[::-1]).tolist() == server.predict(X, names).tolist()


@pytest.mark.parametrize("names", [["a", "b", "c", "d"], ["a"], ["sepal length (cm)"] * 4, None])
def test_other_names_are_ignored(names: list[str] | None, tmp_path: Path) -> None:
    server = served(classifier(NAMED), tmp_path)
    assert server.predict(X, names).tolist() == server.predict(X, []).tolist()


def test_texts(tmp_path: Path) -> None:
    server = served(of_texts(), tmp_path, "predict")
    assert server.predict(np.array([["very good"], ["bad"]], dtype=object), []).tolist() == [1, 0]
    with pytest.raises(BadMessage, match=r"rows of one text, and row 0 is 1\.0"):
        server.predict(np.ones((1, 1)), [])


def test_mixed_columns(tmp_path: Path) -> None:
    server = served(of_mixed_columns(), tmp_path, "predict")
    rows = MIXED.to_numpy(dtype=object)
    assert server.predict(rows, []).tolist() == MIXED["kind"].tolist()
    assert server.predict(rows[:, ::-1], ["kind", "size"]).tolist() == MIXED["kind"].tolist()
    with pytest.raises(BadMessage, match=r"rows of 2 values \(size, kind\), and row 0 has 1"):
        server.predict(rows[:, :1], [])


def test_a_word_where_the_model_reads_a_number_is_the_callers_mistake(tmp_path: Path) -> None:
    server = served(of_mixed_columns(), tmp_path)
    with pytest.raises(BadMessage, match="the model cannot read a value of these rows: could not convert string"):
        server.predict(np.array([["large", "a"]], dtype=object), [])


def test_strings_that_an_encoder_takes(tmp_path: Path) -> None:
    model = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(), LogisticRegression())
    rows = MIXED[["kind"]].to_numpy(dtype=object)
    server = served(model.fit(rows, rows[:, 0]), tmp_path, "predict")
    assert server.predict(rows, []).tolist() == rows[:, 0].tolist()


def test_a_word_that_the_model_does_not_know_is_the_callers_mistake(tmp_path: Path) -> None:
    rows = MIXED[["kind"]].to_numpy(dtype=object)
    server = served(make_pipeline(OneHotEncoder(), LogisticRegression()).fit(rows, rows[:, 0]), tmp_path)
    with pytest.raises(BadMessage, match="Found unknown categories"):
        server.predict(np.array([["never seen"]], dtype=object), [])


@pytest.mark.parametrize(
    ("model", "takes_nan", "takes_infinity"),
    [
        (GaussianNB(), False, False),
        (make_pipeline(StandardScaler(), GaussianNB()), False, False),
        (make_pipeline(SimpleImputer(), GaussianNB()), True, False),
        (RandomForestClassifier(2), True, False),
        (HistGradientBoostingClassifier(max_iter=1), True, True),
    ],
)
def test_numbers_that_are_none(model: Any, takes_nan: bool, takes_infinity: bool, tmp_path: Path) -> None:
    server = served(model.fit(X, y), tmp_path)
    for value, is_taken in [(np.nan, takes_nan), (np.inf, takes_infinity)]:
        if is_taken:
            assert server.predict(np.full((1, 4), value), []).shape == (1, 3)
        else:
            with pytest.raises(BadMessage, match=f"row 0, column 0 is {value}"):
                server.predict(np.full((1, 4), value), [])


def test_a_search_is_seen_through(tmp_path: Path) -> None:
    search = GridSearchCV(scaled(), {"gaussiannb__var_smoothing": [1e-9, 1e-8]}, cv=2).fit(NAMED, y)
    expected = search.predict_proba(NAMED)
    server = served(search, tmp_path)
    assert server.predict(X, []).tolist() == expected.tolist()
    with pytest.raises(BadMessage, match=r"4 numbers \(sepal length \(cm\)"):
        server.predict(X[:, :2], [])


def test_a_model_that_warns_without_names_gets_a_frame(tmp_path: Path) -> None:
    model = CalibratedClassifierCV(GaussianNB(), cv=2).fit(NAMED, y)
    np.testing.assert_array_equal(served(model, tmp_path).predict(X, []), model.predict_proba(NAMED))


def test_a_model_that_takes_no_zeros(tmp_path: Path) -> None:
    model = make_pipeline(PowerTransformer("box-cox"), GaussianNB()).fit(X, y)
    server = served(model, tmp_path)
    assert server.predict(X, []).tolist() == model.predict_proba(X).tolist()
    with pytest.raises(BadMessage, match="rows of 4 numbers"):
        server.predict(X[:, :1], [])


def test_a_model_that_fails_when_it_is_tried_is_served_unchecked(tmp_path: Path) -> None:
    model = GaussianNB().fit(X, y)
    del model.theta_
    with capture_logs() as logs:
        server = served(model, tmp_path)
    assert ["so inputs are not checked" in entry["event"] for entry in logs] == [True]
    with pytest.raises(BadMessage, match="could not convert string to float"):
        server.predict(np.array([["a", 1, 2, 3]], dtype=object), [])


def test_rows_are_independent_unless_answers_come_by_output(tmp_path: Path) -> None:
    assert served(classifier(), tmp_path).rows_are_independent
    several = MultiOutputClassifier(GaussianNB()).fit(X, np.stack([y, y], axis=1))
    server = served(several, tmp_path)
    assert not server.rows_are_independent
    assert server.predict(X, []).shape == (2, 150, 3)


def test_a_dummy_takes_words(tmp_path: Path) -> None:
    server = served(DummyClassifier().fit(X, y), tmp_path, "predict")
    assert server.predict(np.array([["a", "b", None, 1]], dtype=object), []).shape == (1,)


def test_sparse_answers_become_arrays(tmp_path: Path) -> None:
    labels = csr_matrix(np.eye(3, dtype=int)[y])
    server = served(DummyClassifier(strategy="constant", constant=[1, 0, 1]).fit(X, labels), tmp_path, "predict")
    assert server.predict(X[:1], []).tolist() == [[1, 0, 1]]


def test_functions_tell_nothing(tmp_path: Path) -> None:
    model = make_pipeline(FunctionTransformer(np.log1p), GaussianNB()).fit(X, y)
    assert served(model, tmp_path).predict(X, []).shape == (150, 3)


def test_pandas_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = of_mixed_columns()
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(LoadError, match="trained on named columns and needs a DataFrame: pip install pandas"):
        served(model, tmp_path)


WITHOUT_PANDAS = """
import sys, warnings
class NoPandas:
    def find_spec(self, name, *_):
        if name == "pandas": raise ModuleNotFoundError(name)
sys.meta_path.insert(0, NoPandas())
warnings.simplefilter("error")
from infergraph.runtimes.sklearn import SklearnServer
import numpy
server = SklearnServer(sys.argv[1])
server.load()
print(server.predict(numpy.ones((5, 4)), []).shape)
"""


def test_a_named_model_of_numbers_needs_no_pandas(tmp_path: Path) -> None:
    joblib.dump(classifier(NAMED), tmp_path / "model.joblib")
    done = subprocess.run([sys.executable, "-c", WITHOUT_PANDAS, tmp_path], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("(5, 3)\n", "")


def test_a_model_without_predict_proba_is_served_by_predict(tmp_path: Path) -> None:
    with capture_logs() as logs:
        server = served(SVC().fit(X, y), tmp_path)
    assert server.predict(X, []).shape == (150,)
    assert [entry["model"] for entry in logs] == ["SVC"]


def test_metadata(tmp_path: Path) -> None:
    shape = {"shape": [4], "names": list(NAMED.columns)}
    assert served(classifier(NAMED), tmp_path).init_metadata() == {
        "platform": "sklearn",
        "inputs": [{"messagetype": "ndarray", "schema": shape}],
        "outputs": [{"messagetype": "ndarray", "schema": {"shape": [3]}}],
        "custom": {"classes": "0, 1, 2"},
    }


def test_metadata_yaml_wins_key_by_key(tmp_path: Path) -> None:
    (tmp_path / "metadata.yaml").write_text("name: flowers\ninputs: []\n")
    metadata = served(classifier(), tmp_path).init_metadata()
    assert metadata["name"] == "flowers"
    assert metadata["inputs"] == []
    assert metadata["outputs"][0]["schema"] == {"shape": [3]}
