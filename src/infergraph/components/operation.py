"""One thing that a component can be asked to do."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from infergraph.components import forked
from infergraph.components.failure import failure
from infergraph.components.rows_call import RowsCall
from infergraph.errors import InferGraphError


class Operation(msgspec.Struct, frozen=True):
    """A method of a component, ready to call: question in, answer out.

    ``arguments`` takes the question apart, ``function`` is the user's code, ``answer`` builds the reply from the
    question and what the function returned. The function runs once for a question, whatever it raises.
    ``together`` is the same for several questions in one call, where their rows are independent of each other.
    """

    unit: str
    name: str
    function: Callable[..., Any]
    arguments: Callable[[Any], tuple[Any, ...]]
    answer: Callable[[Any, Any], Any]
    together: RowsCall | None = None

    @property
    def is_async(self) -> bool:
        """Whether the function is a coroutine function: then `run_async` is the way to call it."""
        return inspect.iscoroutinefunction(self.function)

    def run(self, question: Any) -> Any:
        """The answer to a question.

        :raises ComponentFailed: when the user's code raised.
        """
        try:
            result = self.function(*self.arguments(question))
            if forked.is_child:
                forked.leave()
            return self.answer(question, result)
        except InferGraphError:
            raise
        except BaseException as error:  # whatever user code raises is its own, and not the server's
            raise failure(error, self.unit) from error

    async def run_async(self, question: Any) -> Any:
        """As `run`, for a coroutine function."""
        try:
            result: Awaitable[Any] = self.function(*self.arguments(question))
            return self.answer(question, await result)
        except InferGraphError:
            raise
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            raise failure(error, self.unit) from error
