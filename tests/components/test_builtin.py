"""The four implementations that need no code."""

import numpy as np
import pytest

from infergraph.components.builtin import AverageCombiner, RandomAbTest, SimpleModel, SimpleRouter
from infergraph.errors import BadAnswer


def test_simple_model_and_router_are_fixed() -> None:
    assert SimpleModel().predict([[7]]).tolist() == [[0.1, 0.9, 0.5]]
    assert SimpleModel().class_names() == ["class0", "class1", "class2"]
    assert SimpleRouter().route([[7]]) == 0


@pytest.mark.parametrize(("ratio", "branches"), [(1.0, {0}), (0.0, {1}), (0.5, {0, 1})])
def test_ab_test_follows_its_ratio(ratio: float, branches: set[int]) -> None:
    router = RandomAbTest(ratioA=ratio)
    assert {router.route(None) for _ in range(200)} == branches


def test_average_is_element_by_element() -> None:
    average = AverageCombiner().aggregate([np.array([[1, 2]]), np.array([[3, 5]])], [["a", "b"], ["c", "d"]])
    assert average.to_numpy().tolist() == [[2.0, 3.5]]
    assert average.columns == ["a", "b"]


@pytest.mark.parametrize("features", [[np.zeros((1, 2)), np.zeros((1, 3))], ["a", "b"], [{"a": 1}, {"a": 1}]])
def test_what_has_no_average(features: list[object]) -> None:
    with pytest.raises(BadAnswer, match="AVERAGE_COMBINER needs"):
        AverageCombiner().aggregate(features, [[], []])
