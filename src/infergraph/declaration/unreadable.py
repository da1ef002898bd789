"""What makes a text no document at all."""

from typing import Any, Final, Self

import yaml

from infergraph.declaration.problem import Problem

MAX_DEPTH: Final = 200
TOO_DEEP: Final = f"the document is nested deeper than {MAX_DEPTH} levels"


class Unreadable(Exception):
    """Raised inside the reader when a text cannot be read any further; the reader turns it into a problem.

    ``line`` and ``column`` count from 1.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column

    @classmethod
    def at(cls, mark: Any, message: str) -> Self:
        """An error at a mark of the YAML parser, whose numbers count from 0."""
        return cls(message, mark.line + 1, mark.column + 1)

    @classmethod
    def from_yaml(cls, error: yaml.YAMLError, text: str) -> Self:
        """The parser's complaint in one sentence."""
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            return cls(f"expected YAML or JSON: {' '.join(str(error).split())}", 1, 1)
        if "maximum nesting depth" in str(getattr(error, "problem", "")):  # a limit of the parser's own, above ours
            return cls.at(mark, TOO_DEEP)
        if _is_tab(error, mark, text):
            return cls.at(mark, "a tab stands where YAML wants spaces; indent with spaces")
        context = getattr(error, "context", None)
        if error.problem == "could not find expected ':'":  # type: ignore[attr-defined]
            mark = getattr(error, "context_mark", None) or mark  # the key's line; the parser has read on
        return cls.at(mark, f"expected YAML or JSON: {error.problem}{f' {context}' if context else ''}")  # type: ignore[attr-defined]

    def problem(self, text: str, file: str) -> Problem:
        """The problem, with the line of text that it is about."""
        line = "".join(text.splitlines()[self.line - 1 : self.line]).strip()[:120]
        hint = f"the line is: {line}" if line else ""
        if "{{" in line:
            hint += "\n{{ }} is a template: render it first, for example with `helm template`"
        return Problem(message=str(self), hint=hint, file=file, line=self.line, column=self.column)


def _is_tab(error: yaml.YAMLError, mark: Any, text: str) -> bool:
    line = "".join(text.splitlines()[mark.line : mark.line + 1])
    return line[mark.column : mark.column + 1] == "\t" or "tab character" in str(getattr(error, "problem", ""))
