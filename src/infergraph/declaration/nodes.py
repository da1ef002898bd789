"""From the YAML parser's nodes to plain data, keeping the line of each value."""

from typing import Any, Final

import yaml
from msgspec import Struct

from infergraph.declaration.problem import At, Problem, written
from infergraph.declaration.scalar import scalar

_PLAIN_TAGS: Final = {"tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}
_MERGE: Final = "tag:yaml.org,2002:merge"


class Place(Struct, frozen=True):
    """Where a value stands in its file, from 1, and a scalar's text as it is written there."""

    line: int
    column: int
    text: str = ""


def plain(node: yaml.Node) -> tuple[Any, dict[At, Place], list[Problem]]:
    """The data of a node, the place of each value in it, and what is wrong with it (repeated keys, foreign tags)."""
    builder = _Builder()
    data = builder.value(node, ())
    return data, builder.places, builder.problems


class _Builder:
    def __init__(self) -> None:
        self.places: dict[At, Place] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, at: At, key: yaml.Node | None = None) -> Any:
        mark = (key or node).start_mark
        self.places[at] = Place(mark.line + 1, mark.column + 1, node.value if isinstance(node, yaml.ScalarNode) else "")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, at)
        if node.tag not in _PLAIN_TAGS:
            self._complain(node, at, f"the tag {node.tag} is not allowed; a manifest holds only plain YAML values")
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*at, index)) for index, item in enumerate(node.value)]
        return self._mapping(node, at)

    def _scalar(self, node: yaml.ScalarNode, at: At) -> Any:
        try:
            return scalar(node)
        except ValueError as error:
            self._complain(node, at, str(error))
            return None

    def _mapping(self, node: yaml.Node, at: At) -> dict[str, Any]:
        lines: dict[str, int] = {}
        data: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        # What is merged comes first, so that a key of the mapping's own wins wherever it stands.
        for key, value in sorted(node.value, key=lambda pair: pair[0].tag != _MERGE):
            if key.tag == _MERGE:
                merged = {**self._merged(value, at), **merged}
            elif (name := self._key(key, at)) is not None:
                self._check_repeated(name, key, at, lines)
                data[name] = self.value(value, (*at, name), key)
        return {**merged, **data}

    def _merged(self, node: yaml.Node, at: At) -> dict[str, Any]:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode) and all(isinstance(item, yaml.MappingNode) for item in node.value):
            merged: dict[str, Any] = {}
            for item in node.value:
                merged = {**self._mapping(item, at), **merged}
            return merged
        self._complain(node, at, "expected a mapping after <<, such as an alias to one")
        return {}

    def _key(self, node: yaml.Node, at: At) -> str | None:
        if isinstance(node, yaml.ScalarNode) and node.tag != "tag:yaml.org,2002:null":
            return str(node.value)
        hint = "quote it; and if {{ }} is a template, render it first, for example with `helm template`"
        self._complain(node, at, "expected a text as key", hint)
        return None

    def _check_repeated(self, name: str, key: yaml.Node, at: At, lines: dict[str, int]) -> None:
        line = key.start_mark.line + 1
        if name in lines:
            self._complain(key, at, f'the key "{name}" stands twice: on line {lines[name]} and on line {line}')
        lines[name] = line

    def _complain(self, node: yaml.Node, at: At, message: str, hint: str = "") -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(message=message, path=written(at), hint=hint, at=at, line=line))
