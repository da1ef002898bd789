"""Tree ensembles through treelite, which adds the same numbers as the ensemble's own library, in double precision."""

import os
from typing import Any

import numpy as np

from infergraph.runtimes.acceleration.candidate import Candidate

BY = "treelite"


def imported(model: Any) -> Any:
    """The treelite model of an ensemble of scikit-learn, XGBoost or LightGBM.

    Raises whatever treelite does where it knows no such model.
    """
    import treelite

    library = type(model).__module__.partition(".")[0]
    readers = {"xgboost": treelite.frontend.from_xgboost, "lightgbm": treelite.frontend.from_lightgbm}
    return readers.get(library, treelite.sklearn.import_model)(model)


def candidates(model: Any, trees: Any, method: str) -> list[Candidate]:
    """The ensemble, called by treelite. Most of scikit-learn's round what they compare to single precision first."""
    finish = {"predict_proba": _probabilities, "predict": _predictions}.get(method)
    if finish is None:
        return []
    from treelite import gtil

    threads = int(os.environ.get("OMP_NUM_THREADS") or 1)
    classes = getattr(model, "classes_", None)

    def exact(x: np.ndarray) -> np.ndarray:
        return finish(gtil.predict(trees, np.asarray(x, np.float64, order="C"), nthread=threads), classes)

    def rounded(x: np.ndarray) -> np.ndarray:
        return exact(np.asarray(x, np.float32))

    return [Candidate(BY, rounded), Candidate(BY, exact)]


def thresholds(trees: Any) -> dict[int, np.ndarray]:
    """What each column is compared with anywhere in the trees, numbers and categories, sorted, by column."""
    found: dict[int, list[np.ndarray]] = {}
    for index in range(trees.num_tree):
        tree = trees.get_tree_accessor(index)
        columns, limits, left = (tree.get_field(name) for name in ("split_index", "threshold", "cleft"))
        inner = left >= 0
        for column in np.unique(columns[inner]):
            found.setdefault(int(column), []).append(limits[inner & (columns == column)])
        for column, categories in _categories(tree, columns):
            found[column].append(categories)
    return {column: np.unique(np.concatenate(limits).astype(np.float64)) for column, limits in found.items()}


def _categories(tree: Any, columns: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """What the nodes of one tree that tell categories apart look for, each with its column."""
    every, begin, end = (tree.get_field(f"category_list{part}") for part in ("", "_begin", "_end"))
    return [(int(columns[node]), every[begin[node] : end[node]]) for node in np.flatnonzero(end > begin)]


def _probabilities(answer: np.ndarray, classes: np.ndarray | None) -> np.ndarray:  # noqa: ARG001 - as the other one
    """Of shape (rows, classes); treelite has a class's alone where there are two."""
    each = answer[:, 0, :]
    return np.hstack([1 - each, each]) if each.shape[1] == 1 else each


def _predictions(answer: np.ndarray, classes: np.ndarray | None) -> np.ndarray:
    """Of shape (rows,): the likeliest class, or the number; (rows, classes) of those that say no more of classes."""
    if classes is None:
        return answer[:, 0, 0] if answer.shape[2] == 1 else answer[:, 0, :]
    found: np.ndarray = classes[np.argmax(_probabilities(answer, classes), axis=1)]
    return found
