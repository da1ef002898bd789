"""What a server's model is before it is loaded."""

from typing import NoReturn


def not_loaded(*_: object, **__: object) -> NoReturn:
    """:raises RuntimeError: always."""
    raise RuntimeError("call load() before predict()")
