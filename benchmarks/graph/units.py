"""The classes of the chain, served as they are by InferGraph and by seldon-core's microservice wrapper.

`rows_are_independent` says that each row is answered by itself: InferGraph calls for several requests at once then.
seldon-core, which has no such thing, does not look at it. They need numpy only, so that both environments have it all.
"""

from typing import Any

import numpy as np

WEIGHTS = np.array([[-0.42, 0.53, -0.11], [0.97, -0.25, -0.72], [-2.52, -0.21, 2.73], [-1.08, -0.94, 2.02]])
BIAS = np.array([9.85, 2.24, -12.09])


class Centimetres:
    """A transformer: millimetres to centimetres."""

    rows_are_independent = True

    def transform_input(self, X: Any, names: Any = None) -> Any:
        return np.asarray(X) / 10


class Classifier:
    """A model: probabilities of the three kinds of iris, by logistic regression."""

    rows_are_independent = True

    def predict(self, X: Any, names: Any = None) -> Any:
        scores = np.asarray(X) @ WEIGHTS + BIAS
        exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
        return exponents / exponents.sum(axis=1, keepdims=True)


class Percent:
    """An output transformer: probabilities in per cent."""

    rows_are_independent = True

    def transform_output(self, X: Any, names: Any = None) -> Any:
        return np.asarray(X) * 100
