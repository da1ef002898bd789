from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB
from structlog.testing import capture_logs

from infergraph.runtimes.model_metadata import describe, read_metadata
from infergraph.runtimes.rows import Rows, Takes

ROWS, LABELS = [[0.0], [1.0]], ["no", "yes"]


def test_one_number_a_row_has_the_shape_1() -> None:
    found = describe(LinearRegression().fit(ROWS, [0, 1]), Rows(Takes.NUMBERS, 4), "predict", np.zeros(1))
    assert found["outputs"] == [{"messagetype": "ndarray", "schema": {"shape": [1]}}]
    assert "custom" not in found


def test_texts_have_one_column() -> None:
    found = describe(GaussianNB().fit(ROWS, LABELS), Rows(Takes.TEXT), "predict_proba", None)
    assert found["custom"] == {"classes": "no, yes"}
    assert found["inputs"] == [{"messagetype": "ndarray", "schema": {"shape": [1]}}]
    assert found["outputs"] == [{"messagetype": "ndarray", "schema": {"shape": [2]}}]


def test_what_is_not_known_is_left_out() -> None:
    found = describe(GaussianNB().fit(ROWS, LABELS), Rows(Takes.ANYTHING), "predict", None)
    assert found["inputs"] == []
    assert found["outputs"] == []


def test_no_metadata_file(tmp_path: Path) -> None:
    assert read_metadata(tmp_path) == {}


@pytest.mark.parametrize("content", [b"[1, 2]", b"a: [", b"\xff\xfe", b"!!python/object:os.system {}", b""])
def test_a_broken_metadata_file_is_a_warning(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "metadata.yaml").write_bytes(content)
    with capture_logs() as logs:
        assert read_metadata(tmp_path) == {}
    assert len(logs) == 1
