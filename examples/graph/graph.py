"""Five plain classes for one graph: no base class, no import of InferGraph."""

import numpy as np


class Centimetres:
    """An input transformer: the measures come in millimetres, the models want centimetres."""

    def transform_input(self, X, names):
        return np.asarray(X) / 10

    def tags(self):
        return {"unit": "cm"}


class BySize:
    """A router: small flowers go to the first model, large ones are judged by both."""

    def __init__(self, limit: float = 6.0):
        self.limit = limit

    def route(self, X, names):
        is_small = float(np.max(X[:, 0])) < self.limit
        return 0 if is_small else 1


class PetalWidth:
    """A model that looks at one column."""

    def predict(self, X, names):
        is_virginica = 1 / (1 + np.exp(-4 * (X[:, 3] - 1.7)))
        return np.column_stack([1 - is_virginica, is_virginica])

    def class_names(self):
        return ["versicolor", "virginica"]


class PetalLength(PetalWidth):
    """Another one."""

    def predict(self, X, names):
        is_virginica = 1 / (1 + np.exp(-4 * (X[:, 2] - 4.9)))
        return np.column_stack([1 - is_virginica, is_virginica])


class BestName:
    """An output transformer: from probabilities to a name."""

    def transform_output(self, X, names):
        return np.array([[names[best]] for best in np.argmax(X, axis=1)], dtype=object)

    def class_names(self):
        return ["species"]
