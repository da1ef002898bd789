"""One named tensor that a model takes or gives, and the check that an input is one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from infergraph.errors import BadMessage
from infergraph.payloads.datatypes import BYTES, datatype_of

ANY = -1
"""A dimension of any size."""
TEXTS = np.dtype(object)


@dataclass(frozen=True, slots=True)
class Tensor:
    """``dtype`` is numpy's, objects for texts, None when any will do. ``shape`` is None when any will do."""

    name: str
    dtype: np.dtype[Any] | None = None
    shape: tuple[int, ...] | None = None

    def check(self, given: Any) -> np.ndarray:
        """Return ``given``, an array or nested lists, as the model takes it: converted where nothing is lost.

        :raises BadMessage: when it cannot be that, in a sentence that names the input and what came.
        """
        x = given if isinstance(given, np.ndarray) else self._array(given)
        if self.dtype is not None and x.dtype != self.dtype:
            x = self._typed(x)
        elif x.dtype == TEXTS:
            x = self._texts(x)
        if self.shape is not None and not self._fits(x.shape):
            raise BadMessage(f"{self}, and the shape {list(x.shape)} came")
        return x

    @property
    def is_known(self) -> bool:
        """Whether both its type and its shape are."""
        return self.dtype is not None and self.shape is not None

    def described(self) -> dict[str, Any]:
        """Return name, datatype and shape as the v2 protocol says them; of any shape is one dimension of any size."""
        datatype = BYTES if self.dtype is None else datatype_of(self.dtype)
        return {"name": self.name, "datatype": datatype or BYTES, "shape": list(self.shape or (ANY,))}

    def __str__(self) -> str:
        kind = "" if self.dtype is None else f"{datatype_of(self.dtype)} "
        shape = "any shape" if self.shape is None else f"the shape {list(self.shape)}"
        return f"input `{self.name}` takes {kind}of {shape}" if kind else f"input `{self.name}` takes {shape}"

    def _array(self, given: Any) -> np.ndarray:
        try:
            array = np.array([given] if isinstance(given, str) else given)
        except ValueError:
            raise BadMessage(f"{self}, and lists of unequal length came") from None
        return array.astype(object) if array.dtype.kind in "US" else array

    def _typed(self, x: np.ndarray) -> np.ndarray:
        assert self.dtype is not None  # noqa: S101 - `check` has looked
        if self.dtype == TEXTS:
            return self._texts(x.astype(object))
        if x.dtype.kind == "O":
            x = self._numbers(x)
        if x.dtype.kind not in "biuf":
            raise BadMessage(f"{self}, and {_kind_of(x)} came")
        return self._cast(x, self.dtype)

    def _cast(self, x: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
        try:
            with np.errstate(over="raise", invalid="raise"):
                cast = x.astype(dtype)
        except FloatingPointError:
            raise BadMessage(f"{self}, and numbers came that it cannot hold") from None
        if dtype.kind == "f" or x.dtype == bool:
            return cast
        if not np.array_equal(cast, x):
            raise BadMessage(f"{self}, and {_first_other(x, cast)} came")
        return cast

    def _numbers(self, x: np.ndarray) -> np.ndarray:
        """Python's numbers of several kinds, as one array."""
        for value in x.ravel().tolist():
            if not isinstance(value, int | float | np.number | np.bool_):
                raise BadMessage(f"{self}, and {_shown(value)} came")
        try:
            return np.array(x.tolist(), dtype=np.float64 if any(map(_is_float, x.ravel().tolist())) else np.int64)
        except OverflowError:
            raise BadMessage(f"{self}, and numbers came that it cannot hold") from None

    def _texts(self, x: np.ndarray) -> np.ndarray:
        """Texts as they are, and bytes that are UTF-8 as texts."""
        if self.dtype is None:
            return x
        texts = np.empty(x.size, dtype=object)
        texts[:] = [self._text(value) for value in x.ravel().tolist()]
        return texts.reshape(x.shape)

    def _text(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        try:
            return bytes.decode(value)
        except (TypeError, UnicodeDecodeError):
            raise BadMessage(f"{self}, texts, and {_shown(value)} came") from None

    def _fits(self, shape: tuple[int, ...]) -> bool:
        wanted = self.shape or ()
        return len(shape) == len(wanted) and all(w in (ANY, size) for w, size in zip(wanted, shape, strict=True))


def _is_float(value: Any) -> bool:
    return isinstance(value, float | np.floating)


def _first_other(x: np.ndarray, cast: np.ndarray) -> str:
    return _shown(x[x != cast].ravel()[0])


def _shown(value: Any) -> str:
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _kind_of(x: np.ndarray) -> str:
    return "texts" if x.dtype.kind in "US" else f"an array of {x.dtype.name}"
