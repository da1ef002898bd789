import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from infergraph.errors import LoadError
from infergraph.runtimes.columns import Columns, forget_names, frame_builder

FRAME = pd.DataFrame({"a": [0.0, 1.0], "b": [2.0, 3.0]})
ROW = np.array([[1, 2]])


@pytest.mark.parametrize(
    ("own", "given", "expected"),
    [
        (("a", "b"), ["a", "b"], [[1, 2]]),
        (("a", "b"), ["b", "a"], [[2, 1]]),
        (("a", "b"), ["a", "c"], [[1, 2]]),
        (("a", "b"), ["a", "a"], [[1, 2]]),
        (("a", "b"), ["b"], [[1, 2]]),
        (("a", "b"), [], [[1, 2]]),
        (("a", "b"), None, [[1, 2]]),
        ((), ["b", "a"], [[1, 2]]),
    ],
)
def test_in_order(own: tuple[str, ...], given: list[str] | None, expected: list[list[int]]) -> None:
    assert Columns(own).in_order(ROW, given).tolist() == expected


def test_a_frame_is_in_the_models_order() -> None:
    columns = Columns(("a", "b"), frame_builder(("a", "b"), "m"))
    frame = columns.framed(columns.in_order(ROW, ["b", "a"]))
    assert frame.to_dict("list") == {"a": [2], "b": [1]}


def test_each_column_of_a_frame_has_its_own_type() -> None:
    rows = np.array([[1, "x", None], [2, "y", 0.5]], dtype=object)
    frame = frame_builder(("a", "b", "c"), "m")(rows)
    assert [dtype.kind for dtype in frame.dtypes][::2] == ["i", "f"]
    assert frame["b"].tolist() == ["x", "y"]


def test_no_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(LoadError, match="m was trained on named columns and needs a DataFrame: pip install pandas"):
        frame_builder(("a",), "m")


def test_names_are_forgotten_inside_too() -> None:
    model = make_pipeline(StandardScaler(), GaussianNB()).fit(FRAME, [0, 1])
    with warnings.catch_warnings(action="error"):
        assert forget_names(model, ("a", "b"), lambda: model.predict(ROW).shape == (1,))


def test_names_come_back_when_the_model_needs_them() -> None:
    model = GaussianNB().fit(FRAME, [0, 1])
    assert not forget_names(model, ("a", "b"), lambda: False)
    assert model.feature_names_in_.tolist() == ["a", "b"]
