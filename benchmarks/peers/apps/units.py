"""The classes of the graphs, served as they are by InferGraph and by seldon-core's microservice wrapper.

`rows_are_independent` says that each row is answered by itself: InferGraph calls for several requests at once then.
seldon-core, which has no such thing, does not look at it.
"""

import os
from typing import Any

import joblib
import numpy as np


class Classifier:
    """A model: probabilities of the three kinds of iris."""

    rows_are_independent = True

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    def predict(self, X: Any, names: Any = None) -> Any:
        return self.model.predict_proba(X)


class Centimetres:
    """A transformer: millimetres to centimetres."""

    rows_are_independent = True

    def transform_input(self, X: Any, names: Any = None) -> Any:
        return np.asarray(X) / 10


class Percent:
    """An output transformer: probabilities in per cent."""

    rows_are_independent = True

    def transform_output(self, X: Any, names: Any = None) -> Any:
        return np.asarray(X) * 100


class Identity:
    """A model that answers what it was asked."""

    def predict(self, X: Any, names: Any = None) -> Any:
        return X
