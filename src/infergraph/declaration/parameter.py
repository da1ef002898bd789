"""One parameter of a unit."""

from enum import StrEnum

from msgspec import Struct

from infergraph.errors import BadManifest

_BOOLS = dict.fromkeys(("y", "yes", "t", "true", "on", "1"), True) | dict.fromkeys(
    ("n", "no", "f", "false", "off", "0"), False
)


class ParameterType(StrEnum):
    """What the text of a parameter is read as."""

    INT = "INT"  # a whole number
    FLOAT = "FLOAT"  # a number
    DOUBLE = "DOUBLE"  # the same as FLOAT
    STRING = "STRING"  # the text itself
    BOOL = "BOOL"  # y, yes, t, true, on, 1 or n, no, f, false, off, 0, in any case


class Parameter(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """SELDON_V1 §1.5. The value is a text in the manifest, whatever its type."""

    name: str
    value: str
    type: ParameterType

    def typed(self) -> int | float | str | bool:
        """The value as its type, as the v1 wrapper reads it (SELDON_V1 §4.3).

        :raises BadManifest: when the text does not parse as the type.
        """
        try:
            return self._parsed()
        except (ValueError, KeyError):
            raise BadManifest(
                f"Bad model parameter: {self.name} with value {self.value} can't be parsed as a {self.type}"
            ) from None

    def _parsed(self) -> int | float | str | bool:
        match self.type:
            case ParameterType.INT:
                return int(self.value)
            case ParameterType.FLOAT | ParameterType.DOUBLE:
                return float(self.value)
            case ParameterType.BOOL:
                return _BOOLS[self.value.lower()]
            case ParameterType.STRING:
                return self.value
