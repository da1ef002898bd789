"""The messages of prediction.proto: those that InferGraph itself reads and writes."""

from typing import Any

try:
    from google.protobuf import message_factory

    from infergraph.payloads.protos import PACKAGE, POOL
except ImportError as missing:
    raise ImportError(
        "seldon_core.proto needs protobuf: pip install 'infergraph[compat]' brings it", name=missing.name
    ) from missing

DESCRIPTOR = POOL.FindMessageTypeByName(f"{PACKAGE}.SeldonMessage").file


def _class(name: str) -> Any:
    return message_factory.GetMessageClass(DESCRIPTOR.message_types_by_name[name])


globals().update({name: _class(name) for name in DESCRIPTOR.message_types_by_name})
