"""A contract, read from its file."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from infergraph.contract.feature import Feature, problems_of
from infergraph.errors import InferGraphError


class BadContract(InferGraphError):
    """Raised when a contract cannot be read or makes no sense; the message says where."""


class Contract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be asked, and what an answer must have; without targets, any answer will do."""

    features: list[Feature]
    targets: list[Feature] = []


def read_contract(path: Path) -> Contract:
    """The contract in a file.

    :raises BadContract: when there is none; the message has one line for each problem, and says where it is.
    """
    try:
        contract = msgspec.json.decode(path.read_bytes(), type=Contract)
    except OSError as error:
        raise BadContract(f"{path} cannot be read: {error.strerror}") from None
    except msgspec.ValidationError as error:
        raise BadContract(f"{path}: {_with_place(str(error))}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadContract(f"{path} is no JSON: {error}") from None
    if problems := list(_problems(contract)):
        raise BadContract("\n".join(f"{path}: {problem}" for problem in problems))
    return contract


def trailing_of(features: Sequence[Feature]) -> list[int]:
    """The dimensions that rows have after their columns."""
    return features[0].shape[1:] if features else []


def width_of(features: Sequence[Feature]) -> int:
    """How many columns all of them take."""
    return sum(feature.repeat * feature.width for feature in features)


def _problems(contract: Contract) -> Iterator[str]:
    if not contract.features:
        yield "Expected at least one feature - at `$.features`"
    for part, features in (("features", contract.features), ("targets", contract.targets)):
        for index, feature in enumerate(features):
            where = f"$.{part}[{index}]"
            yield from (f"{said} - at `{where}.{field}`" for field, said in problems_of(feature))
            if feature.shape[1:] != trailing_of(features):
                yield (
                    f"Expected the dimensions after the first that the others have, {trailing_of(features)}, got "
                    f"{feature.shape[1:]}; columns stand side by side - at `{where}.shape`"
                )


def _with_place(said: str) -> str:
    return said if " - at `" in said else f"{said} - at `$`"
