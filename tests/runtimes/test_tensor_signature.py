from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadMessage
from infergraph.runtimes.tensor import ANY, TEXTS, Tensor
from infergraph.runtimes.tensor_signature import TensorSignature

ONE = TensorSignature((Tensor("x", np.dtype("f4"), (ANY, 2)),))
COLUMNS = TensorSignature((Tensor("size", np.dtype("f4"), (ANY, 1)), Tensor("kind", TEXTS, (ANY,))))
TWO = TensorSignature((Tensor("a", np.dtype("f4"), (ANY, 2)), Tensor("b", np.dtype("f4"), (ANY, 3))))
TABLE = np.array([[1.5, "a"], [2, "b"]], dtype=object)


@pytest.mark.parametrize("given", [np.ones((1, 2)), [[1, 1]], {"x": [[1, 1]]}, {"x": np.ones((1, 2))}])
def test_one_input(given: Any) -> None:
    bound = ONE.bound(given, ["anything"])
    assert {name: array.tolist() for name, array in bound.items()} == {"x": [[1.0, 1.0]]}


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (TABLE, []),
        (TABLE, ["size", "kind"]),
        (TABLE[:, ::-1], ["kind", "size"]),
        (TABLE, ["x", "y"]),
        ({"size": [[1.5], [2]], "kind": ["a", "b"]}, []),
        ({"kind": np.array([b"a", b"b"], dtype=object), "size": np.array([[1.5], [2]])}, []),
    ],
)
def test_columns(given: Any, names: list[str]) -> None:
    bound = COLUMNS.bound(given, names)
    assert bound["size"].tolist() == [[1.5], [2.0]]
    assert bound["kind"].tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("signature", "given", "message"),
    [
        (ONE, {"y": [1]}, "the model takes `x` by name, and y came"),
        (ONE, {}, "and nothing came"),
        (ONE, b"x", r"input `x` takes .*, and bytes \(binData\) came"),
        (ONE, None, "and a NoneType came"),
        (TWO, {"a": [[1, 2]]}, "the model takes `a`, `b` by name, and a came"),
        (TWO, np.ones((1, 5)), r"takes `a`, `b` by name, as several tensors .*, and one array of shape \[1, 5\] came"),
        (TWO, "text", r"takes `a`, `b` by name, as several tensors or as a JSON object \(jsonData\)$"),
        (COLUMNS, np.ones((1, 3)), r"one array of shape \[1, 3\] came"),
    ],
)
def test_what_does_not_fit(signature: TensorSignature, given: Any, message: str) -> None:
    with pytest.raises(BadMessage, match=message):
        signature.bound(given, [])


def test_many_inputs_are_not_all_named() -> None:
    many = TensorSignature(tuple(Tensor(f"c{n}") for n in range(50)))
    with pytest.raises(BadMessage, match="`c9`, \\.\\.\\. by name"):
        many.bound({}, [])
