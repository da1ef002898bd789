"""Sums of Kubernetes' quantities, such as ``500m`` and ``1Gi``."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

_FORM: Final = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?")
_BINARY: Final = {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)}
_DECIMAL: Final = {
    suffix: Decimal(10) ** power
    for suffix, power in zip(
        ("n", "u", "m", "k", "M", "G", "T", "P", "E"), (-9, -6, -3, 3, 6, 9, 12, 15, 18), strict=True
    )
}


def added(quantities: Iterable[str | int | float]) -> str | int | float:
    """Their sum; a single one stays as it is written. What is no quantity is left for the API server to refuse."""
    given = list(quantities)
    if len(given) == 1:
        return given[0]
    matches = [_FORM.fullmatch(str(one)) for one in given]
    unreadable = [one for one, match in zip(given, matches, strict=True) if match is None]
    if unreadable:
        return unreadable[0]
    suffixes = [match[2] or "" for match in matches if match]
    total = sum((_number(match[1], match[2] or "") for match in matches if match), Decimal(0))
    return _written(total, suffixes)


def _number(digits: str, suffix: str) -> Decimal:
    if suffix[:1] in ("e", "E") and len(suffix) > 1 and suffix != "Ei":
        return Decimal(digits + suffix)
    return Decimal(digits) * (_BINARY | _DECIMAL).get(suffix, Decimal(1))


def _written(total: Decimal, suffixes: list[str]) -> str:
    """In the largest unit of the kind that was given of which it is a whole number."""
    if any(suffix in _BINARY for suffix in suffixes):
        for suffix, size in reversed(_BINARY.items()):
            if total % size == 0:
                return f"{int(total / size)}{suffix}"
    return str(int(total)) if total == int(total) else f"{(total * 1000).to_integral_value(rounding='ROUND_CEILING')}m"
