"""One thing that a component can be asked to do."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from infergraph.errors import ComponentFailed, InferGraphError


class Operation(msgspec.Struct, frozen=True):
    """A method of a component, ready to call: question in, answer out.

    ``arguments`` takes the question apart, ``function`` is the user's code, ``answer`` builds the reply from the
    question and what the function returned. The function runs once for a question, whatever it raises.
    """

    unit: str
    name: str
    function: Callable[..., Any]
    arguments: Callable[[Any], tuple[Any, ...]]
    answer: Callable[[Any, Any], Any]

    @property
    def is_async(self) -> bool:
        """Whether the function is a coroutine function: then `run_async` is the way to call it."""
        return inspect.iscoroutinefunction(self.function)

    def run(self, question: Any) -> Any:
        """The answer to a question.

        :raises ComponentFailed: when the user's code raised.
        """
        try:
            return self.answer(question, self.function(*self.arguments(question)))
        except InferGraphError:
            raise
        except (Exception, SystemExit) as error:
            raise failure(error, self.unit) from error

    async def run_async(self, question: Any) -> Any:
        """As `run`, for a coroutine function."""
        try:
            result: Awaitable[Any] = self.function(*self.arguments(question))
            return self.answer(question, await result)
        except InferGraphError:
            raise
        except (Exception, SystemExit) as error:
            raise failure(error, self.unit) from error


def failure(error: BaseException, unit: str) -> ComponentFailed:
    """What the caller hears of an exception of user code: its message, its ``status_code`` and ``reason`` if any.

    The v1 wrapper's own exception carries both (SELDON_V1 §4.2, Errors).
    """
    message = getattr(error, "message", None)
    info = message if isinstance(message, str) and message else str(error) or type(error).__name__
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and 400 <= status <= 599:
        reason = getattr(error, "reason", None) or "MICROSERVICE_BAD_DATA"
        return ComponentFailed(info, unit=unit, status=status, reason=str(reason))
    return ComponentFailed(info, unit=unit)
