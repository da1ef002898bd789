"""Flags as Go programs take them: ``-x v``, ``--x v``, ``--x=v``, and booleans that never take the next argument."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import click

_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


class GoCommand(click.Command):
    """A command whose flags are read in Go's way; a dash within a name is as good as an underscore."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, list(_as_click_reads(args, _options(self))))


class Duration(click.ParamType):  # type: ignore[type-arg]
    """A time in Go's way, ``15s``, ``1m30s`` or ``0``: in seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float | int):
            return float(value)
        if value == "0":
            return 0.0
        parts = _PART.findall(value)
        if not parts or "".join(number + unit for number, unit in parts) != value:
            self.fail(f"expected a duration such as 15s, 500ms or 1m30s, got {value!r}", param, ctx)
        return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _options(command: click.Command) -> dict[str, click.Option]:
    """The options by every name that they may have, with underscores."""
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    return {_key(name): option for option in options for name in option.opts}


def _key(name: str) -> str:
    return name.lstrip("-").replace("-", "_")


def _as_click_reads(arguments: Sequence[str], options: dict[str, click.Option]) -> Iterator[str]:
    left = iter(arguments)
    for argument in left:
        name, divider, value = argument.partition("=")
        if argument == "--":
            yield argument
            yield from left
        elif _key(name) in ("h", "help") and name.startswith("-"):
            yield "--help"
        elif not name.startswith("-") or (option := options.get(_key(name))) is None:
            yield argument
        elif option.is_flag:
            yield from _switch(option, value if divider else "true")
        elif divider:
            yield f"{option.opts[0]}={value}"
        else:
            yield option.opts[0]
            yield from [following for following in [next(left, None)] if following is not None]


def _switch(option: click.Option, value: str) -> list[str]:
    if value in _TRUE:
        return [option.opts[0]]
    if value in _FALSE:
        return []
    raise click.BadParameter(f"expected true or false, got {value!r}", param_hint=option.opts[0])
