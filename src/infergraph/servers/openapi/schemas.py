"""The messages of the v1 protocol (SELDON_V1 §4.1) as JSON schemas."""

from infergraph.servers.openapi.kinds import ANY, TEXT, at_most_one, list_of, map_of, object_of
from infergraph.servers.openapi.reference import Json, ref

_INT32: Json = {"type": "integer", "format": "int32"}
_NONFINITE: Json = {"enum": ["NaN", "Infinity", "-Infinity"]}
_KINDS = ("data", "strData", "binData", "jsonData")

SCHEMAS: dict[str, Json] = {
    "SeldonMessage": {
        "description": "One question or answer: one of data, strData, binData and jsonData.",
        "allOf": [ref("schemas", "SeldonMessagePart")],
        "oneOf": [{"required": [kind]} for kind in _KINDS],
    },
    "SeldonMessagePart": object_of(
        {
            "status": ref("schemas", "Status"),
            "meta": ref("schemas", "Meta"),
            "data": ref("schemas", "DefaultData"),
            "strData": TEXT,
            "binData": {"type": "string", "contentEncoding": "base64"},
            "jsonData": {"description": "Any JSON value."},
        },
        description="A message that may be without data, as the parts of a feedback are.",
        **at_most_one(*_KINDS),
    ),
    "DefaultData": object_of(
        {
            "names": list_of(TEXT) | {"description": "The names of the columns."},
            "ndarray": list_of(ANY) | {"description": "Nested lists, rows first; rows have equal lengths."},
            "tensor": ref("schemas", "Tensor"),
            "tftensor": ref("schemas", "TensorProto"),
        },
        description="Rows, in one of three forms.",
        **at_most_one("ndarray", "tensor", "tftensor"),
    ),
    "Tensor": object_of(
        {
            "shape": list_of(_INT32 | {"minimum": 0}),
            "values": list_of({"anyOf": [{"type": "number"}, _NONFINITE]}),
        },
        required=["shape", "values"],
        description="Numbers in row-major order; there are as many as the sizes of the shape multiplied.",
    ),
    "TensorProto": object_of(
        {
            "dtype": {"type": "string", "examples": ["DT_FLOAT", "DT_DOUBLE", "DT_INT64"]},
            "tensorShape": object_of({"dim": list_of(object_of({"size": {"type": ["string", "integer"]}}))}),
            "tensorContent": {"type": "string", "contentEncoding": "base64"},
        },
        required=["dtype"],
        description="tensorflow.TensorProto in its JSON form; the values in tensorContent, or in the dtype's field.",
    ),
    "Meta": object_of(
        {
            "puid": TEXT | {"description": "The id of the request."},
            "tags": map_of(ANY) | {"description": "What the components say of this answer."},
            "routing": map_of(_INT32) | {"description": "The branch that each router chose."},
            "requestPath": map_of(TEXT) | {"description": "The image of each unit that was asked."},
            "metrics": list_of(ref("schemas", "Metric")),
        },
        description="What a message carries beside its data.",
    ),
    "Metric": object_of(
        {
            "key": TEXT,
            "type": {"enum": ["COUNTER", "GAUGE", "TIMER"]},
            "value": {"type": "number"},
            "tags": map_of(TEXT),
        },
        required=["key", "value"],
        description="A number that a component reports; without a type it is a COUNTER.",
    ),
    "Status": object_of(
        {"code": _INT32, "info": TEXT, "reason": TEXT, "status": {"enum": [0, 1, "SUCCESS", "FAILURE"]}},
        description="How it went; 0 is SUCCESS, 1 is FAILURE.",
    ),
    "Error": {"oneOf": [ref("schemas", "ComponentError"), ref("schemas", "EngineError")]},
    "ComponentError": object_of(
        {
            "status": object_of(
                {"code": {"const": -1}, "info": TEXT, "reason": TEXT, "status": {"const": 1}},
                required=["code", "info", "reason", "status"],
            )
        },
        required=["status"],
        description="The form of a component's error.",
    ),
    "EngineError": object_of(
        {
            "status": object_of(
                {
                    "code": {"type": "integer", "minimum": 400, "maximum": 599},
                    "info": TEXT,
                    "reason": TEXT,
                    "status": {"const": "FAILURE"},
                },
                required=["code", "info", "reason", "status"],
            )
        },
        required=["status"],
        description="The form of the engine's own errors; the code is the HTTP status.",
    ),
    "Feedback": object_of(
        {
            "request": ref("schemas", "SeldonMessagePart"),
            "response": ref("schemas", "SeldonMessagePart"),
            "truth": ref("schemas", "SeldonMessagePart"),
            "reward": {"type": "number", "default": 0},
        },
        additionalProperties=False,
        description="What was asked, what was answered, and how good that was.",
    ),
    "ModelMetadata": object_of(
        {
            "name": TEXT,
            "versions": list_of(TEXT),
            "platform": TEXT,
            "inputs": list_of(ref("schemas", "MessageMetadata")),
            "outputs": list_of(ref("schemas", "MessageMetadata")),
            "custom": map_of(TEXT),
        },
        description="What a unit says of itself.",
    ),
    "MessageMetadata": object_of(
        {
            "messagetype": {"type": "string", "examples": ["ndarray", "tensor", "strData", "jsonData"]},
            "schema": {"description": "For arrays the names and the shape of a row; for jsonData a JSON schema."},
            "name": TEXT,
            "datatype": {"type": "string", "examples": ["FP32", "INT64", "BYTES"]},
            "shape": list_of({"type": "integer"}),
        },
        description="One input or output: messagetype and schema, or the v2 form with name, datatype and shape.",
    ),
    "GraphMetadata": object_of(
        {
            "name": TEXT | {"description": "The predictor."},
            "models": map_of(ref("schemas", "ModelMetadata")),
            "graphinputs": list_of(ref("schemas", "MessageMetadata")),
            "graphoutputs": list_of(ref("schemas", "MessageMetadata")),
        },
        required=["name", "models"],
        description="What a predictor says of itself.",
    ),
}
"""Each schema by its name."""
