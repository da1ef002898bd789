import numpy as np
import pandas as pd
import pytest

from infergraph.runtimes.lightgbm_text import categories_of, problem_of
from tests.runtimes.models import NAMED, light

WHOLE = light().model_to_string().encode()


def test_a_whole_model() -> None:
    assert problem_of(WHOLE) is None
    assert problem_of(WHOLE.replace(b"\n", b"\r\n")) is not None  # the sizes no longer fit, and LightGBM trusts them


@pytest.mark.parametrize(
    ("cut", "problem"),
    [
        (b"tree_sizes", "its header ends before tree_sizes"),
        (b"\nTree=0", "it has no trees"),
        (b"Tree=2", "its trees end too early"),
        (b"end of trees", "its trees end too early"),
    ],
)
def test_what_is_missing(cut: bytes, problem: str) -> None:
    assert problem_of(WHOLE[: WHOLE.index(cut)]) == problem


def test_categories() -> None:
    assert categories_of(WHOLE).numbers == {}
    table = NAMED.assign(kind=pd.Categorical(["a", "b", "c"] * 50))
    categories = categories_of(light(table).model_to_string().encode() + b'\npandas_categorical:[["a","b","c"]]\n')
    assert categories.numbers == {4: {"a": 0, "b": 1, "c": 2}}
    encoded = categories.encoded(np.array([[1.0, 2, 3, 4, "c"], [1, 2, 3, 4, "d"]], dtype=object))
    assert encoded[0].tolist() == [1.0, 2, 3, 4, 2]
    assert np.isnan(encoded[1, 4])
