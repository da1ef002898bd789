import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from infergraph.errors import LoadError
from infergraph.runtimes.sklearn import SklearnServer
from tests.runtimes.models import X, y


def served(model: Any, folder: Path, **parameters: Any) -> SklearnServer:
    """Save a model with skops, and load it as a server does."""
    skops.io.dump(model, folder / "model.skops")
    server = SklearnServer(str(folder), **parameters)
    server.load()
    return server


def test_answers_are_the_models_own(tmp_path: Path) -> None:
    model = GaussianNB().fit(X, y)
    server = served(model, tmp_path)
    np.testing.assert_array_equal(server.predict(X, []), model.predict_proba(X))
    assert server.rows_are_independent


class Odd(GaussianNB):  # type: ignore[misc]  # scikit-learn has no types
    """A class that nobody knows."""


def test_types_that_are_not_known(tmp_path: Path) -> None:
    name = f"{Odd.__module__}.Odd"
    model = Odd().fit(X, y)
    with pytest.raises(LoadError, match=rf"^model\.skops holds types that .*: {name}; if you trust them, name them in"):
        served(model, tmp_path)
    server = served(model, tmp_path, trusted=f"other.Type, {name}")
    np.testing.assert_array_equal(server.predict(X, []), model.predict_proba(X))


def test_a_function_that_would_be_called_is_not(tmp_path: Path) -> None:
    model = make_pipeline(FunctionTransformer(os.getcwd), GaussianNB())
    with pytest.raises(LoadError, match=r"holds types that are not known to be harmless: .*getcwd"):
        served(model, tmp_path)


def test_a_file_that_is_cut_short(tmp_path: Path) -> None:
    skops.io.dump(GaussianNB().fit(X, y), tmp_path / "model.skops")
    content = (tmp_path / "model.skops").read_bytes()
    (tmp_path / "model.skops").write_bytes(content[: len(content) // 2])
    with pytest.raises(LoadError, match=r"^model\.skops is cut short or damaged: copy it again$"):
        SklearnServer(str(tmp_path)).load()


def test_skops_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    skops.io.dump(GaussianNB().fit(X, y), tmp_path / "model.skops")
    monkeypatch.setitem(sys.modules, "skops.io", None)
    with pytest.raises(LoadError, match=r'^SKLEARN_SERVER needs skops\.io: pip install "infergraph\[skops\]"'):
        SklearnServer(str(tmp_path)).load()
