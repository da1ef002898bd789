"""What a component may say of itself (SELDON_V1 §4.3, Metadata)."""

import msgspec

from infergraph.payloads.payload import JsonObject

ARRAYS = frozenset({"tensor", "ndarray", "tftensor"})
BARE = frozenset({"strData", "binData"})
DATATYPES = frozenset(
    {"BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"}
)


class _Metadata(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    versions: list[str]
    platform: str
    inputs: list[JsonObject]
    outputs: list[JsonObject]
    custom: dict[str, str]


class _Array(msgspec.Struct, forbid_unknown_fields=True):
    messagetype: str
    schema: "_ArraySchema"


class _ArraySchema(msgspec.Struct, forbid_unknown_fields=True):
    shape: list[int]
    names: list[str] = []


class _Tensor(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    datatype: str
    shape: list[int]


def problem_of(metadata: JsonObject) -> str | None:
    """What is wrong with metadata, in words; None for nothing."""
    try:
        known = msgspec.convert(metadata, _Metadata)
        for where, parts in (("inputs", known.inputs), ("outputs", known.outputs)):
            for number, part in enumerate(parts):
                _check(part, f"$.{where}[{number}]")
    except msgspec.ValidationError as error:
        return str(error)
    return None


def _check(part: JsonObject, where: str) -> None:
    """:raises msgspec.ValidationError: when this is no description of an input or output."""
    kind = part.get("messagetype")
    try:
        if kind is None:
            _check_datatype(msgspec.convert(part, _Tensor).datatype)
        elif kind in ARRAYS:
            msgspec.convert(part, _Array)
        else:
            _check_members(part, {"messagetype"} if kind in BARE else {"messagetype", "schema"})
    except msgspec.ValidationError as error:
        raise msgspec.ValidationError(f"{error} - in `{where}`") from None


def _check_datatype(datatype: str) -> None:
    if datatype not in DATATYPES:
        raise msgspec.ValidationError(f"Expected one of {', '.join(sorted(DATATYPES))}, got {datatype!r:.40}")


def _check_members(part: JsonObject, known: set[str]) -> None:
    if unknown := sorted(part.keys() - known):
        raise msgspec.ValidationError(f"{part['messagetype']!s:.40} has no {unknown[0]!s:.40}")
