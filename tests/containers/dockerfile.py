"""A Dockerfile's instructions, stage by stage, as its text has them."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dockerfile_parse import DockerfileParser

KNOWN = {"FROM", "ARG", "ENV", "LABEL", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "ENTRYPOINT", "CMD"}


@dataclass
class Stage:
    """From one FROM to the next."""

    base: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)


def stages(path: Path, build_args: Mapping[str, str]) -> list[Stage]:
    """The stages of a Dockerfile.

    :raises ValueError: for an instruction that we do not interpret.
    """
    found: list[Stage] = []
    arguments = dict(build_args)
    for entry in DockerfileParser(fileobj=io.BytesIO(path.read_bytes()), env_replace=False).structure:
        word, value = entry["instruction"], entry["value"]
        if word == "COMMENT":
            continue
        if word not in KNOWN:
            raise ValueError(f"{path}: {word} is not interpreted here")
        if word == "FROM":
            base, _, name = expand(value, arguments).partition(" AS ")
            found.append(Stage(base, name))
        elif found:
            found[-1].instructions.append((word, value))
        else:
            name, _, default = value.partition("=")  # an ARG before the first FROM
            arguments.setdefault(name, default)
    return found


def expand(text: str, variables: Mapping[str, str]) -> str:
    """A text with $NAME and ${NAME} replaced; a variable that is not set is empty."""
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: variables.get(found[1] or found[2], ""), text)


def flags(value: str) -> tuple[dict[str, str], str]:
    """The --name=value in front of an instruction's value, and what is behind them."""
    given = {}
    while found := re.match(r"--(\w+)=(\S+)\s+", value):
        given[found[1]] = found[2]
        value = value[found.end() :]
    return given, value
