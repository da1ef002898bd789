"""What a fitted scikit-learn model says about itself, before it is called.

scikit-learn has tags for this, but compositions do not pass their inner estimators' tags on: a ``ColumnTransformer`` of
encoders is tagged as one that takes numbers. So the estimators that see the input are all looked at, and when one of
them may take something else, nothing is claimed.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from infergraph.runtimes.rows import Rows, Takes

_OBJECT = np.dtype(object)
_KNOWN_PACKAGES = frozenset({"sklearn", "xgboost", "lightgbm", "catboost"})


def rows_of(model: Any) -> Rows:
    """Return the rows that ``model`` takes, as far as it tells."""
    front = front_of(model)
    columns = _first_known("feature_names_in_", model, front)
    width = _first_known("n_features_in_", model, front)
    return Rows(
        takes=_takes(front, width),
        width=int(width) if isinstance(width, int | np.integer) else None,
        columns=() if columns is None else tuple(str(name) for name in columns),
    )


def front_of(model: Any) -> Any:
    """Return the estimator that sees the input first: the first real step of a pipeline, else the model."""
    from sklearn.pipeline import Pipeline

    best = getattr(model, "best_estimator_", None)
    if best is not None:
        return front_of(best)
    if isinstance(model, Pipeline):
        steps = (step for _, step in model.steps if step is not None and step != "passthrough")
        return front_of(next(steps, model.steps[-1][1]))
    return model


def members(estimator: Any) -> list[Any]:
    """Return ``estimator`` and every estimator inside it, at any depth, fitted or not."""
    found: dict[int, Any] = {}
    waiting = [estimator]
    while waiting:
        member = waiting.pop()
        if id(member) not in found:
            found[id(member)] = member
            waiting += [inner for value in getattr(member, "__dict__", {}).values() for inner in _estimators_in(value)]
    return list(found.values())


def are_rows_independent(model: Any) -> bool:
    """Tell whether each row is answered by itself, whatever others come with it.

    scikit-learn's own estimators do that once they are fitted. What somebody else wrote is not known: a class of their
    own, or a function that a ``FunctionTransformer`` calls, may look at all rows. numpy's element-wise ones do not.
    """
    return all(_is_known(type(member)) and _is_element_wise(member) for member in members(model))


def _is_known(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in _KNOWN_PACKAGES


def _is_element_wise(member: Any) -> bool:
    from sklearn.preprocessing import FunctionTransformer

    return not isinstance(member, FunctionTransformer) or member.func is None or isinstance(member.func, np.ufunc)


def _estimators_in(value: Any) -> Iterator[Any]:
    """Yield the estimators in an attribute: one, or a list, dict or array of them or of tuples with them."""
    if hasattr(value, "fit") and hasattr(value, "get_params") and not isinstance(value, type):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _estimators_in(item)
    elif isinstance(value, list | dict) or getattr(value, "dtype", None) == _OBJECT:
        items = list(value.values()) if isinstance(value, dict) else list(value)
        # A vocabulary has a million words: the first item tells whether the others are worth a look.
        if items and any(True for _ in _estimators_in(items[0])):
            for item in items:
                yield from _estimators_in(item)


def _first_known(attribute: str, *estimators: Any) -> Any:
    """A pipeline that begins with "passthrough" does not show what its first real step knows."""
    known = (getattr(estimator, attribute, None) for estimator in estimators)
    return next((value for value in known if value is not None), None)


def _takes(front: Any, width: object) -> Takes:
    tags = _input_tags(front)
    if tags is not None and tags.string and not tags.two_d_array:
        return Takes.TEXT
    if width is None or tags is None or not tags.two_d_array:
        return Takes.ANYTHING
    return Takes.NUMBERS if all(_takes_only_numbers(member) for member in members(front)) else Takes.ANYTHING


def _takes_only_numbers(estimator: Any) -> bool:
    """Tell whether that is sure. What is not scikit-learn's own cannot be known."""
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import FunctionTransformer

    tags = _input_tags(estimator)
    if tags is None or not type(estimator).__module__.startswith("sklearn."):
        return False
    if isinstance(estimator, ColumnTransformer | FunctionTransformer) or _was_fitted_on_objects(estimator):
        return False
    return not (tags.string or tags.categorical or tags.dict)


def _was_fitted_on_objects(estimator: Any) -> bool:
    """Tell a SimpleImputer of texts from one of numbers."""
    statistics = getattr(estimator, "statistics_", None)
    return bool(getattr(statistics, "dtype", None) == _OBJECT)


def _input_tags(estimator: Any) -> Any:
    """Return scikit-learn's input tags; None when there are none (before 1.6, or not scikit-learn's own)."""
    try:
        from sklearn.utils import get_tags

        return get_tags(estimator).input_tags
    except (ImportError, AttributeError, TypeError):
        return None
