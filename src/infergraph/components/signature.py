"""How a user's method wants to be called, found out once, when it is loaded."""

import inspect
from collections.abc import Callable
from typing import Any

from infergraph.errors import LoadError

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def adapted(method: Callable[..., Any], offered: int, optional: str, where: str) -> tuple[Callable[..., Any], bool]:
    """A function that passes on what the method takes, and whether it takes the ``optional`` argument too.

    The function is called with all ``offered`` arguments, and the optional one after them if the method takes it. A
    method may take fewer of the offered ones (``predict(self, X)``), and the optional one by its name (``meta``,
    ``routing``) or not at all. A coroutine function stays one.

    :raises LoadError: when the method asks for more than is offered.
    """
    count, takes_optional = _taken(method, offered, optional, where)
    if takes_optional:
        return _like(method, lambda *given: method(*given[:count], **{optional: given[offered]})), True
    if count == offered:
        return method, False  # the usual case pays for no layer
    return _like(method, lambda *given: method(*given[:count])), False


def _taken(method: Callable[..., Any], offered: int, optional: str, where: str) -> tuple[int, bool]:
    """How many of the offered arguments the method takes, and whether it takes the optional one."""
    try:
        parameters = inspect.signature(method).parameters.values()
    except (TypeError, ValueError):  # written in C, without a signature
        return offered, False
    kinds = {parameter.kind for parameter in parameters}
    named = [p for p in parameters if p.kind in _POSITIONAL and p.name != optional]
    takes_optional = optional in {p.name for p in parameters} or inspect.Parameter.VAR_KEYWORD in kinds
    count = offered if inspect.Parameter.VAR_POSITIONAL in kinds else min(len(named), offered)
    surplus = [p.name for p in named[offered:] if p.default is p.empty]
    surplus += [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty and p.name != optional]
    if surplus or count == 0:
        problem = f"asks for {', '.join(surplus)} besides" if surplus else "takes no argument at all"
        raise LoadError(f"{where} {problem}; it is called with {offered} arguments and {optional}=")
    return count, takes_optional


def _like(method: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, marked as a coroutine function when the method is one."""
    if not inspect.iscoroutinefunction(method):
        return function

    async def call(*given: Any) -> Any:
        return await function(*given)

    return call
