"""The classes of the graphs, served as they are by InferGraph and by seldon-core's microservice wrapper."""

import os
from typing import Any

import joblib
import numpy as np


class Classifier:
    """A model: probabilities of the three kinds of iris."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    def predict(self, X: Any, names: Any = None, meta: Any = None) -> Any:
        return self.model.predict_proba(X)


class Centimetres:
    """A transformer: millimetres to centimetres."""

    def transform_input(self, X: Any, names: Any = None, meta: Any = None) -> Any:
        return np.asarray(X) / 10


class Percent:
    """An output transformer: probabilities in per cent."""

    def transform_output(self, X: Any, names: Any = None, meta: Any = None) -> Any:
        return np.asarray(X) * 100


class Identity:
    """A model that answers what it was asked."""

    def predict(self, X: Any, names: Any = None, meta: Any = None) -> Any:
        return X
