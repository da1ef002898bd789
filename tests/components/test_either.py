"""One operation in the place of another."""

from collections.abc import Callable
from typing import Any

import pytest

from infergraph.components import Operation
from infergraph.components.either import either
from infergraph.errors import ComponentFailed
from tests.servers.microservice.derived import SeldonNotImplementedError


def operation(function: Callable[..., Any], mark: str) -> Operation:
    return Operation("u", "predict", function, lambda question: (question,), lambda _, result: f"{mark} {result}")


def raising(error: Exception) -> Callable[[Any], Any]:
    def function(_: Any) -> Any:
        raise error

    return function


def test_the_first_answers() -> None:
    assert either(operation(str, "first"), operation(str, "second")).run(3) == "first 3"


def test_the_second_answers_where_the_first_is_not_implemented() -> None:
    both = either(operation(raising(SeldonNotImplementedError()), "first"), operation(str, "second"))
    assert both.run(3) == "second 3"


def test_any_other_error_stays_what_it_is() -> None:
    with pytest.raises(ComponentFailed, match="no"):
        either(operation(raising(NotImplementedError("no")), "first"), operation(str, "second")).run(3)


def test_a_coroutine_function_has_no_second() -> None:
    async def function(_: Any) -> None: ...

    first = operation(function, "first")
    assert either(first, operation(str, "second")) is first
