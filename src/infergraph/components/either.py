"""One operation in the place of another, when that says it is not implemented."""

from typing import Any

from infergraph.components.method import is_not_implemented
from infergraph.components.operation import Operation


def either(first: Operation, second: Operation) -> Operation:
    """The first operation; the second for a question for which the first's function is not implemented.

    It says so as in the v1 wrapper, with a SeldonNotImplementedError. A coroutine function does not.
    """
    if first.is_async or second.is_async:
        return first

    def run(question: Any) -> Any:
        try:
            result = first.function(*first.arguments(question))
        except Exception as error:
            if is_not_implemented(error):
                return second.answer(question, second.function(*second.arguments(question)))
            raise
        return first.answer(question, result)

    return Operation(first.unit, first.name, run, lambda question: (question,), lambda _, result: result)
