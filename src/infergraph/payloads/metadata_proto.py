"""What units and graphs say of themselves, as protobuf messages (SELDON_V1 §3.7, §4.1)."""

from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format

from infergraph.errors import BadAnswer
from infergraph.payloads import json_text
from infergraph.payloads.payload import JsonObject
from infergraph.payloads.proto_message import parse
from infergraph.payloads.protos import SeldonGraphMetadata, SeldonModelMetadata


def encode_model_metadata(metadata: JsonObject) -> bytes:
    """The SeldonModelMetadata of one unit. :raises BadAnswer: when a field is of another type."""
    return _encoded(_model(metadata), SeldonModelMetadata())


def encode_graph_metadata(metadata: JsonObject) -> bytes:
    """The SeldonGraphMetadata of a graph. :raises BadAnswer: when a field is of another type."""
    fields = {
        "name": metadata["name"],
        "models": {unit: _model(model) for unit, model in metadata["models"].items()},
        "inputs": metadata["graphinputs"],
        "outputs": metadata["graphoutputs"],
    }
    return _encoded(fields, SeldonGraphMetadata())


def decode_model_metadata(body: bytes) -> JsonObject:
    """What a SeldonModelMetadata says; what is empty is absent. :raises BadMessage: when the bytes are none."""
    message = parse(SeldonModelMetadata, body)
    found: JsonObject = json_format.MessageToDict(message)
    for name in ("inputs", "outputs"):
        for one, described in zip(found.get(name, ()), getattr(message, name), strict=True):
            if described.shape:
                one["shape"] = list(described.shape)  # JSON has texts for integers of 64 bits
    return found


def _model(metadata: JsonObject) -> JsonObject:
    custom = metadata.get("custom")
    if not isinstance(custom, Mapping):
        return metadata
    return {**metadata, "custom": {key: _text(value) for key, value in custom.items()}}


def _text(value: Any) -> str:
    """The protocol has text here; other values are written as JSON."""
    return value if isinstance(value, str) else json_text.encode(value).decode()


def _encoded(fields: JsonObject, message: Any) -> bytes:
    try:
        json_format.ParseDict(json_text.plain(fields), message, ignore_unknown_fields=True)
    except (json_format.ParseError, TypeError, ValueError) as error:
        raise BadAnswer(f"The metadata does not fit into a {message.DESCRIPTOR.full_name}: {error}") from error
    body: bytes = message.SerializeToString()
    return body
