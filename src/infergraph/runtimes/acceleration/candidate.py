"""Another way to call a model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Call = Callable[[np.ndarray], Any]
"""From rows of numbers, of shape (rows, columns), to the model's answer."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What might answer in the model's place, and ``by`` which library."""

    by: str
    call: Call
