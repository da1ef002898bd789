"""The names of a model's columns: the order that a caller may choose, and models that want a DataFrame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from infergraph.errors import LoadError
from infergraph.runtimes.estimators import members


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that a model was trained on, by name and in its order; no names when it was trained without.

    ``frame`` builds the DataFrame that the model takes, None when it takes an array.
    """

    names: tuple[str, ...] = ()
    frame: Callable[[np.ndarray], Any] | None = None

    def in_order(self, x: np.ndarray, names: Sequence[str] | None) -> np.ndarray:
        """Return ``x``, of shape (rows, columns), with its columns in the model's order.

        ``names`` are the caller's. When they are the model's in another order, the columns are put in the model's;
        any other names are ignored, as Seldon v1 does.
        """
        own = self.names
        if not (own and names) or x.ndim != 2 or tuple(names) == own:
            return x
        if len(names) != len(own) or set(names) != set(own):
            return x
        place = {name: index for index, name in enumerate(names)}
        return x[:, [place[name] for name in own]]

    def framed(self, x: np.ndarray) -> Any:
        """Return ``x``, with its columns in the model's order, in the form that the model takes."""
        return x if self.frame is None else self.frame(x)


def frame_builder(names: tuple[str, ...], file: str) -> Callable[[np.ndarray], Any]:
    """Return a function from an array of shape (rows, len(names)) to a DataFrame with a type for each column.

    :raises LoadError: when pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise LoadError(f"{file} was trained on named columns and needs a DataFrame: pip install pandas") from None
    index = pd.Index(names)

    def build(x: np.ndarray) -> Any:
        if x.dtype.kind in "biuf":
            return pd.DataFrame(x, columns=index)
        return pd.DataFrame(x.astype(object), columns=index).infer_objects()

    return build


def forget_names(model: Any, names: tuple[str, ...], is_quiet: Callable[[], bool]) -> bool:
    """Make a model that was trained on named columns take plain arrays without warning at each call.

    scikit-learn warns when an estimator that knows names gets an array. Here the order of the columns is already made
    sure of, so the estimators need not know them, and a DataFrame per request would double its time. ``is_quiet``
    calls the model; when it still warns or fails then the names are put back. Returns whether they are gone.
    """
    knowing = [member for member in members(model) if _knows(member, names)]
    kept = [vars(member).pop("feature_names_in_") for member in knowing]
    if is_quiet():
        return True
    for member, own in zip(knowing, kept, strict=True):
        member.feature_names_in_ = own
    return False


def _knows(member: Any, names: tuple[str, ...]) -> bool:
    """Tell whether the estimator itself keeps these names; a pipeline only shows those of its first step."""
    own = getattr(member, "__dict__", {}).get("feature_names_in_")
    return own is not None and tuple(own) == names
