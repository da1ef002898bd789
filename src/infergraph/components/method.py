"""The methods of a user's object, as far as they are its own."""

from collections.abc import Callable
from typing import Any

_BASE_MODULE, _BASE = "seldon_core.user_model", "SeldonComponent"


def own(target: object, name: str) -> Any:
    """An attribute of a user's object; None when there is none.

    The v1 wrapper's base class has every method, each of which raises that it is not implemented: one that was only
    inherited from there is none.
    """
    found = getattr(target, name, None)
    return None if _is_inherited(found) else found


def method_of(target: object, name: str) -> Callable[..., Any] | None:
    """As `own`, where it can be called."""
    found = own(target, name)
    return found if callable(found) else None


def is_v1_component(target: object) -> bool:
    """Whether its class extends the v1 wrapper's base class."""
    return any(one.__module__ == _BASE_MODULE and one.__name__ == _BASE for one in type(target).__mro__)


def is_not_implemented(error: BaseException) -> bool:
    """Whether a method says, in the v1 wrapper's way, that it does nothing."""
    return any(one.__name__ == "SeldonNotImplementedError" for one in type(error).__mro__)


def _is_inherited(found: Any) -> bool:
    function = getattr(found, "__func__", None)
    if function is None or getattr(function, "__module__", None) != _BASE_MODULE:
        return False
    return str(getattr(function, "__qualname__", "")).startswith(f"{_BASE}.")
