"""What a single value of a YAML document means."""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import yaml

Scalar: TypeAlias = str | int | float | bool | None

_CORE: Final = "tag:yaml.org,2002:"
# JSON reads 1e5 as a number and so does Kubernetes; PyYAML, which follows YAML 1.1, wants 1.0e+5.
_JSON_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?[eE][-+]?[0-9]+")
_CONSTRUCT: Final = yaml.constructor.SafeConstructor()


def scalar(node: yaml.ScalarNode) -> Scalar:
    """The value of a scalar node, read as Kubernetes reads it: dates, times and 12:30 are texts.

    :raises ValueError: when the tag is not a core one, or the text is not what the tag says.
    """
    kind = node.tag.removeprefix(_CORE)
    try:
        return _READERS[kind](node)
    except KeyError:
        if kind in _READERS:
            raise ValueError(f"{node.value!r} is no {kind}") from None
        raise ValueError(f"the tag {node.tag} is not allowed; a manifest holds only plain YAML values") from None


def _text(node: yaml.ScalarNode) -> str | float:
    is_plain = not node.style
    return float(node.value) if is_plain and _JSON_NUMBER.fullmatch(node.value) else str(node.value)


def _as_written(node: yaml.ScalarNode) -> str:
    return str(node.value)


def _int(node: yaml.ScalarNode) -> int | str:
    return node.value if ":" in node.value else int(_CONSTRUCT.construct_yaml_int(node))


def _float(node: yaml.ScalarNode) -> float | str:
    return node.value if ":" in node.value else float(_CONSTRUCT.construct_yaml_float(node))


def _bool(node: yaml.ScalarNode) -> bool:
    return bool(_CONSTRUCT.construct_yaml_bool(node))


_READERS: Final[Mapping[str, Callable[[yaml.ScalarNode], Scalar]]] = {
    "str": _text,
    "int": _int,
    "float": _float,
    "bool": _bool,
    "null": lambda _: None,
    "timestamp": _as_written,
    "value": _as_written,
    "merge": _as_written,
}
