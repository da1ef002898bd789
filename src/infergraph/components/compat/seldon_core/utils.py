"""Messages and arrays, for methods that take messages as they are; the environment.

What is about protobuf needs it: the extra `infergraph[compat]` brings it.
"""

import os
from collections.abc import Iterable
from typing import Any

import numpy as np
from seldon_core.flask_utils import SeldonMicroserviceException

from infergraph.errors import BadMessage
from infergraph.payloads import Encoding, Payload, json_text
from infergraph.payloads.seldon_message import message_of, payload_of

_TRUE = frozenset({"t", "true", "1"})
_MOST = 1000  # how deep a message nests: the server has had its own limit


def getenv(*env_vars: str, default: Any = None) -> Any:
    """The first of these environment variables that is set."""
    return next((os.environ[name] for name in env_vars if name in os.environ), default)


def getenv_as_bool(*env_vars: str, default: bool = False) -> bool:
    """Whether the first of these environment variables that is set says yes."""
    value = getenv(*env_vars)
    return default if value is None else value.strip().lower() in _TRUE


def json_to_seldon_message(message_json: Any) -> Any:
    """The SeldonMessage of a JSON object. :raises SeldonMicroserviceException: when it is none."""
    return _parsed(message_json, "SeldonMessage")


def json_to_seldon_messages(message_json: Any) -> Any:
    """The SeldonMessageList of a JSON object or list."""
    given = {"seldonMessages": message_json} if isinstance(message_json, list) else message_json
    return _parsed(given, "SeldonMessageList")


def json_to_feedback(message_json: Any) -> Any:
    """The Feedback of a JSON object."""
    return _parsed(message_json, "Feedback")


def seldon_message_to_json(message_proto: Any) -> dict[str, Any]:
    """The JSON object of a SeldonMessage."""
    from google.protobuf import json_format

    value: dict[str, Any] = json_format.MessageToDict(message_proto)
    return value


seldon_messages_to_json = seldon_message_to_json
feedback_to_json = seldon_message_to_json


def get_data_from_proto(request: Any) -> Any:
    """The data of a SeldonMessage: an array, text, bytes, or the value of jsonData."""
    return _payload(request).data


def get_meta_from_proto(request: Any) -> dict[str, Any]:
    """The meta of a SeldonMessage as a JSON object."""
    return seldon_message_to_json(request.meta)


def grpc_datadef_to_array(datadef: Any) -> Any:
    """The array of a DefaultData."""
    return _payload(_message("SeldonMessage")(data=datadef)).data


def array_to_grpc_datadef(data_type: str, array: Any, names: Iterable[str] = ()) -> Any:
    """The DefaultData of an array; ``data_type`` is tensor, ndarray or tftensor."""
    from infergraph.payloads.seldon_proto import encode_message

    payload = Payload(np.asarray(array), Encoding(data_type), list(names or ()))
    return _message("SeldonMessage").FromString(encode_message(payload)).data


def array_to_rest_datadef(data_type: str, array: Any, names: Iterable[str] = ()) -> dict[str, Any]:
    """The object ``data`` of an array; ``data_type`` is tensor, ndarray or tftensor."""
    message = message_of(Payload(np.asarray(array), Encoding(data_type), list(names or ())))
    data: dict[str, Any] = json_text.plain(message)["data"]
    return data


def extract_request_parts(request: Any) -> tuple[Any, dict[str, Any], Any, str]:
    """Of a SeldonMessage: its data, its meta, the part ``data`` of it, and the kind of its data."""
    return get_data_from_proto(request), get_meta_from_proto(request), request.data, request.WhichOneof("data_oneof")


def extract_request_parts_json(request: Any) -> tuple[Any, dict[str, Any] | None, Any, str]:
    """The same of a JSON object."""
    try:
        payload = payload_of(request)
    except BadMessage as error:
        raise SeldonMicroserviceException(str(error)) from None
    kind = next(name for name in ("data", "jsonData", "strData", "binData") if name in request)
    return payload.data, request.get("meta"), request.get("data"), kind


def _parsed(value: Any, kind: str) -> Any:
    from google.protobuf import json_format

    try:
        return json_format.ParseDict({} if value is None else value, _message(kind)())
    except json_format.ParseError as error:
        raise SeldonMicroserviceException(f"Invalid JSON: {error}") from None


def _payload(message: Any) -> Payload:
    from infergraph.payloads.seldon_proto import decode_message

    try:
        return decode_message(message.SerializeToString(), _MOST)
    except BadMessage as error:
        raise SeldonMicroserviceException(str(error)) from None


def _message(kind: str) -> Any:
    from seldon_core.proto import prediction_pb2

    return getattr(prediction_pb2, kind)
