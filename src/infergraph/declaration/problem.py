"""What is wrong with a manifest, and where."""

from collections.abc import Iterable
from typing import TypeAlias

from msgspec import Struct

At: TypeAlias = tuple[str | int, ...]
"""A place in a document: the keys and the list positions that lead to it."""


class Problem(Struct, frozen=True, kw_only=True):
    """One problem of a manifest. ``str(problem)`` is for the reader, with the hint on lines of its own."""

    message: str
    path: str = ""  # as the reader sees it; a rule may show it in another form than ``at``
    hint: str = ""
    at: At = ()
    file: str = ""
    line: int = 0  # from 1; 0 when the problem is the file itself
    column: int = 0  # from 1; 0 when the line says enough

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        head = ": ".join(part for part in (place, self.path, self.message) if part)
        return "\n".join([head, *(f"    {line}" for line in self.hint.splitlines())])

    @property
    def order(self) -> tuple[str, int, int, str]:
        """Sorts problems as a reader goes through the files."""
        return (self.file, self.line, self.column, self.path)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """As a reader goes through the files."""
    return tuple(sorted(problems, key=lambda problem: problem.order))


def written(at: At) -> str:
    """A place as the manifest's readers write it: ``spec.predictors[0].graph``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at)
    return text.removeprefix(".")
