"""The messages of the v1 protocol (SELDON_V1 §4.1) as JSON schemas."""

from typing import Any

from infergraph.servers.openapi.reference import Json, ref


def _object(properties: Json, **more: Any) -> Json:
    return {"type": "object", "properties": properties, **more}


def _map(values: Json) -> Json:
    return {"type": "object", "additionalProperties": values}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


_TEXT: Json = {"type": "string"}
_ANY: Json = {}
_INT32: Json = {"type": "integer", "format": "int32"}
_NONFINITE: Json = {"enum": ["NaN", "Infinity", "-Infinity"]}

SCHEMAS: dict[str, Json] = {
    "SeldonMessage": {
        "description": "One question or answer: one of data, strData, binData and jsonData.",
        "allOf": [ref("schemas", "SeldonMessagePart")],
        "oneOf": [{"required": [kind]} for kind in ("data", "strData", "binData", "jsonData")],
    },
    "SeldonMessagePart": _object(
        {
            "status": ref("schemas", "Status"),
            "meta": ref("schemas", "Meta"),
            "data": ref("schemas", "DefaultData"),
            "strData": _TEXT,
            "binData": {"type": "string", "contentEncoding": "base64"},
            "jsonData": {"description": "Any JSON value."},
        },
        description="A message that may be without data, as the parts of a feedback are.",
    ),
    "DefaultData": _object(
        {
            "names": _list(_TEXT) | {"description": "The names of the columns."},
            "ndarray": _list(_ANY) | {"description": "Nested lists, rows first; rows have equal lengths."},
            "tensor": ref("schemas", "Tensor"),
            "tftensor": ref("schemas", "TensorProto"),
        },
        description="Rows, in one of three forms.",
    ),
    "Tensor": _object(
        {
            "shape": _list(_INT32 | {"minimum": 0}),
            "values": _list({"anyOf": [{"type": "number"}, _NONFINITE]}),
        },
        required=["shape", "values"],
        description="Numbers in row-major order; there are as many as the sizes of the shape multiplied.",
    ),
    "TensorProto": _object(
        {
            "dtype": {"type": "string", "examples": ["DT_FLOAT", "DT_DOUBLE", "DT_INT64"]},
            "tensorShape": _object({"dim": _list(_object({"size": {"type": ["string", "integer"]}}))}),
            "tensorContent": {"type": "string", "contentEncoding": "base64"},
        },
        required=["dtype"],
        description="tensorflow.TensorProto in its JSON form; the values in tensorContent, or in the dtype's field.",
    ),
    "Meta": _object(
        {
            "puid": _TEXT | {"description": "The id of the request."},
            "tags": _map(_ANY) | {"description": "What the components say of this answer."},
            "routing": _map(_INT32) | {"description": "The branch that each router chose."},
            "requestPath": _map(_TEXT) | {"description": "The image of each unit that was asked."},
            "metrics": _list(ref("schemas", "Metric")),
        },
        description="What a message carries beside its data.",
    ),
    "Metric": _object(
        {
            "key": _TEXT,
            "type": {"enum": ["COUNTER", "GAUGE", "TIMER"]},
            "value": {"type": "number"},
            "tags": _map(_TEXT),
        },
        required=["key", "value"],
        description="A number that a component reports; without a type it is a COUNTER.",
    ),
    "Status": _object(
        {"code": _INT32, "info": _TEXT, "reason": _TEXT, "status": {"enum": [0, 1, "SUCCESS", "FAILURE"]}},
        description="How it went; 0 is SUCCESS, 1 is FAILURE.",
    ),
    "Error": {"oneOf": [ref("schemas", "ComponentError"), ref("schemas", "EngineError")]},
    "ComponentError": _object(
        {
            "status": _object(
                {"code": {"const": -1}, "info": _TEXT, "reason": _TEXT, "status": {"const": 1}},
                required=["code", "info", "reason", "status"],
            )
        },
        required=["status"],
        description="The form of a component's error.",
    ),
    "EngineError": _object(
        {
            "status": _object(
                {
                    "code": {"type": "integer", "minimum": 400, "maximum": 599},
                    "info": _TEXT,
                    "reason": _TEXT,
                    "status": {"const": "FAILURE"},
                },
                required=["code", "info", "reason", "status"],
            )
        },
        required=["status"],
        description="The form of the engine's own errors; the code is the HTTP status.",
    ),
    "Feedback": _object(
        {
            "request": ref("schemas", "SeldonMessagePart"),
            "response": ref("schemas", "SeldonMessagePart"),
            "truth": ref("schemas", "SeldonMessagePart"),
            "reward": {"type": "number", "default": 0},
        },
        additionalProperties=False,
        description="What was asked, what was answered, and how good that was.",
    ),
    "ModelMetadata": _object(
        {
            "name": _TEXT,
            "versions": _list(_TEXT),
            "platform": _TEXT,
            "inputs": _list(ref("schemas", "MessageMetadata")),
            "outputs": _list(ref("schemas", "MessageMetadata")),
            "custom": _map(_TEXT),
        },
        description="What a unit says of itself.",
    ),
    "MessageMetadata": _object(
        {
            "messagetype": {"type": "string", "examples": ["ndarray", "tensor", "strData", "jsonData"]},
            "schema": {"description": "For arrays the names and the shape of a row; for jsonData a JSON schema."},
            "name": _TEXT,
            "datatype": {"type": "string", "examples": ["FP32", "INT64", "BYTES"]},
            "shape": _list({"type": "integer"}),
        },
        description="One input or output: messagetype and schema, or the v2 form with name, datatype and shape.",
    ),
    "GraphMetadata": _object(
        {
            "name": _TEXT | {"description": "The predictor."},
            "models": _map(ref("schemas", "ModelMetadata")),
            "graphinputs": _list(ref("schemas", "MessageMetadata")),
            "graphoutputs": _list(ref("schemas", "MessageMetadata")),
        },
        required=["name", "models"],
        description="What a predictor says of itself.",
    ),
}
"""Each schema by its name."""
