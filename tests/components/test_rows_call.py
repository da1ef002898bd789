"""One call for the rows of several requests: what may be together, and how the answer is cut."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from infergraph.components import Component
from infergraph.components.rows_call import RowsCall, Share, Uneven
from infergraph.errors import BadMessage, ComponentFailed
from infergraph.payloads import Encoding, Payload


class Doubling:
    rows_are_independent = True

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def predict(self, X: Any, names: list[str]) -> Any:
        self.calls.append(X)
        return X * 2


def together(target: object) -> RowsCall:
    """The call of a component that must have one."""
    operation = Component("u", target).predict()
    assert operation is not None
    assert operation.together is not None
    return operation.together


def share(data: Any, names: list[str] | None = None, call: RowsCall | None = None) -> Share:
    call = call or together(Doubling())
    return call.share(Payload(data if isinstance(data, str) else np.asarray(data), Encoding.NDARRAY, names or []))


def test_rows_of_one_kind_have_one_key() -> None:
    assert share([[1, 2]]).key == share([[3, 4], [5, 6]]).key
    assert (share([[1, 2]]).size, share([[3, 4], [5, 6]]).size) == (1, 2)


@pytest.mark.parametrize(
    ("data", "names"), [([[1.5, 2.5]], None), ([[1, 2, 3]], None), ([[[1, 2]]], None), ([[1, 2]], ["a", "b"])]
)
def test_another_type_width_or_name_is_another_kind(data: Any, names: list[str] | None) -> None:
    assert share(data, names).key != share([[1, 2]]).key


@pytest.mark.parametrize(
    "data",
    ["text", [1, 2], [], np.zeros((0, 4)), np.array([["a", 1]], dtype=object), np.array([["a"]], dtype=object)],
    ids=["text", "flat", "empty", "no rows", "mixed", "texts"],
)
def test_what_has_no_rows_of_numbers_is_called_for_alone(data: Any) -> None:
    assert share(data).key is None


def test_one_call_and_each_gets_its_part() -> None:
    target = Doubling()
    call = together(target)
    shares = [share(rows, call=call) for rows in ([[1, 2]], [[3, 4], [5, 6]], [[7, 8]])]
    assert [part.tolist() for part in call.run(shares)] == [[[2, 4]], [[6, 8], [10, 12]], [[14, 16]]]
    assert len(target.calls) == 1


def test_one_share_alone_is_not_copied() -> None:
    target = Doubling()
    call, rows = together(target), np.array([[1, 2]])
    call.run([share(rows, call=call)])
    assert target.calls[0] is rows


class Returning:
    """Returns what it was told, whatever comes."""

    rows_are_independent = True

    def __init__(self, result: Any) -> None:
        self.result = result

    def predict(self, X: Any) -> Any:
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.mark.parametrize("result", [[[1], [2]], np.array([1, 2]), pd.DataFrame({"a": [1, 2]})], ids=type)
def test_lists_arrays_and_frames_are_cut(result: Any) -> None:
    call = together(Returning(result))
    first, second = call.run([share([[0]], call=call)] * 2)
    assert (len(first), len(second)) == (1, 1)
    assert np.ravel(first).tolist() + np.ravel(second).tolist() == [1, 2]


@pytest.mark.parametrize(
    "result", [None, "text", {"a": 1}, 5, [1], np.array(5), np.zeros((3, 1)), iter([1, 2])], ids=str
)
def test_anything_else_is_not_cut_and_alone_it_is_what_it_is(result: Any) -> None:
    call = together(Returning(result))
    one = share([[0]], call=call)
    with pytest.raises(Uneven):
        call.run([one, one])
    assert call.run([one]) == [result]


def test_what_is_raised() -> None:
    call = together(Returning(ValueError("too hot")))
    with pytest.raises(ComponentFailed, match="too hot"):
        call.run([share([[0]], call=call)] * 2)
    call = together(Returning(BadMessage("no")))
    with pytest.raises(BadMessage, match="no"):
        call.run([share([[0]], call=call)])


class Server:
    """Divided, as prepackaged servers are: what refuses one request, and what answers many."""

    rows_are_independent = True

    def prepare(self, X: Any, names: list[str]) -> Any:
        if X[0] < 0:
            raise BadMessage("negative")
        if X[0] == 0:
            raise KeyError("zero")
        return X.astype(np.float64)

    def predict_prepared(self, rows: Any) -> Any:
        return rows + 0.5

    def predict(self, X: Any, names: list[str]) -> Any:
        return self.predict_prepared(self.prepare(X, names))


def test_a_server_refuses_before_the_call() -> None:
    call = together(Server())
    assert [part.tolist() for part in call.run([share([1], call=call), share([2, 3], call=call)])] == [
        [1.5],
        [2.5, 3.5],
    ]
    assert share([1], ["a"], call).key == share([2.5], call=call).key  # names and types are settled by then
    with pytest.raises(BadMessage, match="negative"):
        share([-1], call=call)
    with pytest.raises(ComponentFailed, match="zero"):
        share([0], call=call)


class Plain:
    def predict(self, X: Any) -> Any:
        return X


class Asking(Doubling):
    def predict(self, X: Any, names: Any, meta: Any = None) -> Any:
        return X


class Telling(Doubling):
    def tags(self) -> dict[str, Any]:
        return {}


class Raw(Doubling):
    def predict_raw(self, message: Any) -> Any:
        return message


class Awaiting(Doubling):
    async def predict(self, X: Any, names: Any) -> Any:
        return X


@pytest.mark.parametrize(
    "target", [Plain(), Asking(), Telling(), Raw(), Awaiting()], ids=lambda one: type(one).__name__
)
def test_who_does_not_ask_for_it_or_wants_more_of_each_request_is_called_for_each(target: object) -> None:
    operation = Component("u", target).predict()
    assert operation is not None
    assert operation.together is None


class Prepared:
    """As a prepackaged server of several outputs."""

    rows_are_independent = True

    def __init__(self, last: Any = None) -> None:
        self.last = last

    def prepare(self, X: Any, names: list[str]) -> Any:
        return X

    def predict_prepared(self, X: Any) -> Any:
        return {"sum": X.sum(axis=1), "rows": X if self.last is None else self.last}

    def predict(self, X: Any, names: list[str]) -> Any:
        return self.predict_prepared(X)


def test_outputs_by_name_of_a_prepackaged_server_are_cut_each() -> None:
    call = together(Prepared())
    first, second = call.run([share([[1, 2]], call=call), share([[3, 4], [5, 6]], call=call)])
    assert {name: array.tolist() for name, array in first.items()} == {"sum": [3], "rows": [[1, 2]]}
    assert {name: array.tolist() for name, array in second.items()} == {"sum": [7, 11], "rows": [[3, 4], [5, 6]]}


def test_an_output_without_rows_cannot_be_cut() -> None:
    call = together(Prepared(np.float64(1)))
    with pytest.raises(Uneven):
        call.run([share([[1, 2]], call=call)] * 2)


class Named:
    """A user's class that answers an object: what it holds is not known."""

    rows_are_independent = True

    def predict(self, X: Any, names: list[str]) -> Any:
        return {"classes": np.array(["a", "b"])}


def test_a_dict_of_a_users_class_is_not_cut() -> None:
    call = together(Named())
    with pytest.raises(Uneven, match="a dict"):
        call.run([share([[1, 2]], call=call)] * 2)
