"""One call of a component for the rows of several requests."""

from collections.abc import Callable, Hashable, Sequence
from time import perf_counter
from typing import Any

import msgspec
import numpy as np

from infergraph.components import forked
from infergraph.components.failure import failure
from infergraph.errors import InferGraphError
from infergraph.payloads.payload import Array

_NUMBERS = frozenset("biuf")


class Share(msgspec.Struct, frozen=True):
    """What one request brings to a call: its rows, and what else the function is called with.

    Requests with equal keys may be in one call; without a key a request has a call of its own. ``size`` is its number
    of rows, of whatever it is.
    """

    rows: Any
    others: tuple[Any, ...]
    key: Hashable
    size: int


class Uneven(Exception):
    """Raised when what a function returned for several requests cannot be cut into their parts."""


class RowsCall(msgspec.Struct, frozen=True):
    """An operation whose rows are independent of each other, in parts.

    ``arguments`` takes a question apart, ``prepare`` makes of that the rows as the function takes them, and refuses
    those that it does not; None leaves them as they are, with the names of their columns as the other argument.
    ``took`` is told the seconds of the function alone, in its thread.
    """

    unit: str
    arguments: Callable[[Any], tuple[Any, ...]]
    function: Callable[..., Any]
    prepare: Callable[..., Array] | None = None
    took: Callable[[float], None] | None = None

    def share(self, question: Any) -> Share:
        """The share of one question. What is wrong with it alone is raised here, before it is with others.

        :raises ComponentFailed: when ``prepare`` raised something that is no error of ours.
        """
        rows, names = self.arguments(question)
        if self.prepare is None:
            return _share(rows, (names,), tuple(names), least_dimensions=2)
        try:
            return _share(self.prepare(rows, names), (), (), least_dimensions=1)
        except InferGraphError:
            raise
        except Exception as error:
            raise failure(error, self.unit) from error

    def run(self, shares: Sequence[Share]) -> list[Any]:
        """What the function returns for each share. All of them have the same key, and are called for at once.

        :raises ComponentFailed: when the function raised, for whichever of them.
        :raises Uneven: when it returned something else than one row for each row; never for a single share.
        """
        one = shares[0]
        together = one.rows if len(shares) == 1 else np.concatenate([share.rows for share in shares])
        started_s = perf_counter()
        try:
            result = self.function(together, *one.others)
            if forked.is_child:
                forked.leave()
        except InferGraphError:
            raise
        except BaseException as error:
            raise failure(error, self.unit) from error
        finally:
            if self.took is not None:
                self.took(perf_counter() - started_s)
        if len(shares) == 1:
            return [result]
        # A prepackaged server answers several outputs by name; what a dict of a user's class holds is not known.
        cut = _cut_outputs if self.prepare is not None and isinstance(result, dict) else _cut
        return cut(result, [share.size for share in shares])


def _share(rows: Any, others: tuple[Any, ...], key: tuple[str, ...], *, least_dimensions: int) -> Share:
    if not isinstance(rows, np.ndarray) or rows.ndim < least_dimensions:
        return Share(rows, others, None, 1)
    size = len(rows)
    if not size or not _is_uniform(rows):
        return Share(rows, others, None, size or 1)
    return Share(rows, others, (rows.dtype, rows.shape[1:], key), size)


def _is_uniform(rows: Array) -> bool:
    """Whether rows of this type are read each by itself: the type of mixed objects is found out from all of them."""
    return rows.dtype.kind in _NUMBERS or (rows.ndim == 1 and set(map(type, rows.tolist())) == {str})


def _cut_outputs(result: dict[str, Any], sizes: Sequence[int]) -> list[dict[str, Any]]:
    parts = [_cut(array, sizes) for array in result.values()]
    return [dict(zip(result, of_one, strict=True)) for of_one in zip(*parts, strict=True)]


def _cut(result: Any, sizes: Sequence[int]) -> list[Any]:
    if not isinstance(result, np.ndarray | list) and not hasattr(result, "iloc"):
        raise Uneven(f"a {type(result).__name__}")
    count = len(result) if getattr(result, "ndim", 1) else 0
    if count != sum(sizes):
        raise Uneven(f"{count} rows for {sum(sizes)}")
    by_rows, parts, start = getattr(result, "iloc", result), [], 0
    for size in sizes:
        parts.append(by_rows[start : start + size])
        start += size
    return parts
