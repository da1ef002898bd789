"""Objects as YAML that stays the same to the byte: what a repository of manifests holds."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import yaml

_WIDTH: Final = 10_000
"""Lines are not folded: where a fold would come depends on what stands before it."""


class _Dumper(yaml.SafeDumper):
    """Lists below their key are indented, texts of several lines are blocks, and nothing is an alias."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def yaml_text(objects: Iterable[Mapping[str, Any]]) -> str:
    """One document for each object, in their order, keys as they stand in the objects."""
    return yaml.dump_all(
        objects, Dumper=_Dumper, sort_keys=False, explicit_start=True, width=_WIDTH, allow_unicode=True
    )
