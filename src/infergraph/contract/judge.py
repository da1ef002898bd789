"""Whether an answer is what a contract says."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from infergraph.contract.contract import trailing_of, width_of
from infergraph.contract.feature import TYPES, Feature, Kind, is_of
from infergraph.contract.finding import Finding
from infergraph.payloads.payload import Encoding, Payload


def judge(targets: Sequence[Feature], rows: int, answer: Payload) -> Iterator[Finding]:
    """What does not hold of the answer to so many rows."""
    if not targets:
        return
    if not answer.is_array or answer.encoding is Encoding.NONE:
        yield Finding("an array in data", f"{answer.encoding.value}: {answer.data!r:.60}", "$")
        return
    where = f"$.data.{answer.encoding.value}"
    expected, array = (rows, width_of(targets), *trailing_of(targets)), answer.data
    if array.shape == (rows,) and expected == (rows, 1):
        array = array.reshape(expected)  # one value a row, without a list around each
    if array.shape != expected:
        yield Finding(f"shape {expected}: rows, columns of the targets", f"shape {array.shape}", where)
        return
    column = 0
    for target in targets:
        for name in target.names("{}:{}", 0):
            block = array[:, column : column + target.width]
            yield from _judge_block(target, name, block, where, column)
            column += target.width


def judge_route(answer: Payload) -> Iterator[Finding]:
    """What does not hold of a router's answer."""
    values = np.asarray(answer.data).ravel().tolist() if answer.is_array else [answer.data]
    if len(values) != 1 or not is_of("INT", values[0]) or values[0] < -2:
        yield Finding("one branch: -2 (none), -1 (all) or the number of a child", f"{values!r:.60}", "$.data")


def _judge_block(target: Feature, name: str, block: Any, where: str, first: int) -> Iterator[Finding]:
    for index, value in np.ndenumerate(block):
        value = value.item() if isinstance(value, np.generic) else value  # noqa: PLW2901
        if expectation := _broken(target, value):
            row, column, *rest = index
            place = "".join(f"[{number}]" for number in (row, first + column, *rest))
            yield Finding(expectation, f"{value!r:.60}", where + place, name)


def _broken(target: Feature, value: Any) -> str:
    """The expectation that a value breaks; empty when there is none."""
    if not is_of(target.type, value):
        return TYPES[target.type]
    if target.ftype is Kind.CATEGORICAL:
        return "" if value in target.values else f"one of {', '.join(map(repr, target.values))}"
    return "" if target.low <= value <= target.high else f"between {target.low:g} and {target.high:g}"
