"""What a rule finds, in the words of Kubernetes."""

from collections.abc import Iterator
from typing import TypeAlias

from infergraph.declaration.problem import At, Problem, written

Findings: TypeAlias = Iterator[Problem]


def invalid(path: str, value: object, message: str, *, at: At, hint: str = "") -> Problem:
    """``<path>: Invalid value: "<value>": <message>``, the form of SELDON_V1 §1.10."""
    return Problem(path=path, message=f'Invalid value: "{value}": {message}', at=at, hint=hint)


def invalid_at(at: At, value: object, message: str, *, hint: str = "") -> Problem:
    """The same, for a path that is written as the manifest has it."""
    return invalid(written(at), value, message, at=at, hint=hint)
