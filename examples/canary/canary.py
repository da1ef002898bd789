"""Two versions of a model: the one that everybody knows, and the one that should replace it."""

import numpy as np


class Threshold:
    """Says yes when the mean of a row is over a threshold."""

    def __init__(self, threshold: float, version: str):
        self.threshold = threshold
        self.version = version

    def predict(self, X, names):
        return (np.mean(X, axis=1, keepdims=True) > self.threshold).astype(float)

    def class_names(self):
        return ["yes"]

    def tags(self):
        return {"version": self.version}
