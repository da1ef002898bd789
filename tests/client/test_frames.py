"""Data frames, there and back through a component that keeps the names of its columns."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infergraph.client import BadReply, Client, Kind
from tests.client.graphs import CLIENTS, serving, url_of
from tests.serving import Process

WAYS = [(scheme, kind) for scheme in ("http", "grpc") for kind in CLIENTS]


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with serving(tmp_path_factory.mktemp("same"), "Same", "TRANSFORMER") as process:
        yield process


FRAMES = {
    "floats": pd.DataFrame({"a": [0.5, np.nan], "b": [1.0, -0.0]}),
    "float32": pd.DataFrame({"a": [0.1, 0.2], "b": [1, 2]}, dtype="float32"),
    "integers": pd.DataFrame({"a": [1, 2**62 + 1]}),
    "numbers": pd.DataFrame(
        {
            "a": [1, 2],
            "b": [0.5, np.nan],
            "c": np.array([0.1, 0.2], dtype=np.float32),
            "d": np.array([0, 255], dtype=np.uint8),
        }
    ),
    "booleans": pd.DataFrame({"a": [True, False], "b": [1, 0]}),
    "texts": pd.DataFrame({"a": ["x", None], "b": [1, 2]}),
    "objects": pd.DataFrame({"a": pd.Series(["x", 1], dtype=object), "b": pd.Series([None, True], dtype=object)}),
    "dates": pd.DataFrame({"a": pd.to_datetime(["2020-02-29 12:34:56.789012345", None]), "b": ["x", "y"]}),
    "one date": pd.DataFrame({"a": pd.to_datetime(["1999-12-31"])}),
    "dates of a zone": pd.DataFrame({"a": pd.to_datetime(["2020-07-01", "2020-12-01"]).tz_localize("Europe/Paris")}),
    "nullable": pd.DataFrame({"a": pd.array([1, None], "Int64"), "b": pd.array([True, None], "boolean")}),
    "strings": pd.DataFrame({"a": pd.array(["x", None], "string"), "b": pd.array([0.5, None], "Float64")}),
    "categories": pd.DataFrame({"a": pd.Categorical(["x", "y"], ["y", "x", "z"]), "b": [1, 2]}),
    "an index": pd.DataFrame({"a": [1, 2]}, index=pd.Index(["r", "s"], name="row")),
    "labels": pd.DataFrame([[1, 0.5]], columns=[7, "b"]),
    "no rows": pd.DataFrame({"a": np.zeros(0, np.int32), "b": np.zeros(0, np.int32)}),
}


@pytest.mark.parametrize(("scheme", "kind"), WAYS)
@pytest.mark.parametrize("name", FRAMES)
def test_frames_come_back_as_they_went(same: Process, scheme: str, kind: str, name: str) -> None:
    frame = FRAMES[name]
    with CLIENTS[kind](url_of(same, scheme)) as client:
        data = client.predict(frame).data
    pd.testing.assert_frame_equal(data, frame)


FIRST, LAST = dt.datetime(1701, 1, 1), dt.datetime(2199, 12, 31, 23, 59, 59, 999999)  # noqa: DTZ001 - frames have such, too
COLUMNS: dict[str, Any] = {
    "i": st.integers(-(2**31), 2**31 - 1),
    "f": st.floats(allow_nan=False),
    "t": st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    "b": st.booleans(),
    # Drawn between the years 1700 and 2200: where nine in ten are drawn to be thrown away, Hypothesis gives up.
    "d": st.datetimes(FIRST, LAST).map(pd.Timestamp),
}


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(st.fixed_dictionaries(COLUMNS), min_size=1, max_size=4))
def test_frames_of_any_values_come_back(same: Process, rows: list[dict[str, Any]]) -> None:
    frame = pd.DataFrame(rows)
    with Client(url_of(same, "http")) as client:
        pd.testing.assert_frame_equal(client.predict(frame).data, frame)


def test_an_array_as_a_frame(same: Process) -> None:
    with Client(url_of(same, "http")) as client:
        frame = client.predict(np.array([[1, 2]], dtype=np.float32), ["a", "b"], kind=Kind.FRAME).data
        pd.testing.assert_frame_equal(
            frame, pd.DataFrame({"a": np.array([1], dtype=np.float32), "b": np.array([2], dtype=np.float32)})
        )
        assert list(client.predict([[1, 2]], kind=Kind.FRAME).data.columns) == [0, 1]
        assert client.predict([1, 2], kind=Kind.FRAME).data.shape == (2, 1)
        with pytest.raises(BadReply, match="two dimensions, and the answer has 3"):
            client.predict([[[1]]], kind=Kind.FRAME)


def test_what_a_model_answers_has_its_own_names(iris_model: Any) -> None:
    """Columns of another name are another thing: they take no type of the question's."""
    from tests.serving import ROOT, running

    with running(ROOT / "examples/iris/iris.yaml") as process, Client(url_of(process, "http")) as client:
        asked = pd.DataFrame([[5.1, 3.5, 1.4, 0.2]], columns=list("abcd"), index=["flower"], dtype="float32")
        frame = client.predict(asked).data
    assert list(frame.columns) == ["t:0", "t:1", "t:2"]
    assert list(frame.index) == ["flower"]
    assert set(frame.dtypes) == {np.dtype("float32")} or set(frame.dtypes) == {np.dtype("float64")}
    assert frame.to_numpy().sum() == pytest.approx(1)
