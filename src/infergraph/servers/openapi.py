"""The OpenAPI 3.1 document of one deployment's REST paths (SELDON_V1 §3.4, §4.1).

The paths stand first, then what they say: examples, errors and the schemas of the messages.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from infergraph.declaration import SeldonDeployment

Json = dict[str, Any]

_PATH_VERSIONS = ("v1.0", "v0.1")
_POST_ERRORS = ("400", "404", "405", "408", "413", "415", "500", "503", "504")
_GET_ERRORS = ("404", "405", "500", "503")


def openapi_document(deployment: SeldonDeployment, *, prefix: str, version: str) -> Json:
    """Return the document of a deployment that is served under ``prefix``: ``""`` or ``/seldon/<namespace>/<name>``.

    ``version`` is that of the server. The value is plain JSON and belongs to the caller.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{deployment.namespace}/{deployment.name}",
            "version": version,
            "summary": "A SeldonDeployment, served by InferGraph.",
            "description": _description(deployment),
        },
        "servers": [{"url": "/", "description": "The server that this document came from."}],
        "tags": [
            {"name": "inference", "description": "Ask the inference graph, and tell it how good an answer was."},
            {"name": "metadata", "description": "What the graph and its units take and give."},
            {"name": "health", "description": "Whether requests will be answered."},
        ],
        "paths": {f"{prefix}{path}": item for path, item in _paths(deployment).items()},
        "components": {
            "schemas": deepcopy(_SCHEMAS),
            "examples": deepcopy(MESSAGES) | deepcopy(_FEEDBACK),
            "responses": {name: _error_response(name) for name in _ERRORS},
            "parameters": deepcopy(_PARAMETERS),
            "headers": deepcopy(_HEADERS),
        },
    }


def _description(deployment: SeldonDeployment) -> str:
    names = (f"`{predictor.name}`" for predictor in deployment.spec.predictors)
    return f"Predictors: {', '.join(names)}. Every answer has the header `Seldon-Puid`, the id of its request."


# Paths


def _paths(deployment: SeldonDeployment) -> Json:
    units = {unit.name: None for predictor in deployment.spec.predictors for unit in predictor.units()}
    paths: Json = {}
    for version in _PATH_VERSIONS:
        is_old = version != _PATH_VERSIONS[0]
        paths[f"/api/{version}/predictions"] = _old(_predictions(), is_old=is_old)
        paths[f"/api/{version}/feedback"] = _old(_feedback(), is_old=is_old)
        paths[f"/api/{version}/metadata/{{unit}}"] = _old(_unit_metadata(list(units)), is_old=is_old)
        paths[f"/api/{version}/status/{{unit}}"] = _old(_unit_status(list(units)), is_old=is_old)
    paths["/api/v1.0/metadata"] = _graph_metadata()
    for path, identity in (
        ("/api/v1.0/status", "status"),
        ("/api/v1.0/health/status", "healthStatus"),
        ("/ready", "ready"),
    ):
        paths[path] = _readiness(identity)
    paths["/live"] = {"get": _health("live", "Whether the server runs.", {"200": {"description": "It runs."}})}
    return paths


def _old(item: Json, *, is_old: bool) -> Json:
    """The same path under v0.1: kept for old clients, under an operationId of its own."""
    if not is_old:
        return item
    return {
        method: operation | {"operationId": f"{operation['operationId']}V01", "deprecated": True}
        for method, operation in item.items()
    }


def _predictions() -> Json:
    return {
        "post": {
            "operationId": "predict",
            "tags": ["inference"],
            "summary": "Ask the inference graph",
            "description": "The answer is written in the encoding of the question: ndarray for ndarray, and so on.",
            "parameters": [_ref("parameters", "Seldon-Puid")],
            "requestBody": _body("SeldonMessage", MESSAGES),
            "responses": _answers("The answer of the graph.", "SeldonMessage", _POST_ERRORS)
            | {"default": dict(_VERBATIM)},
        }
    }


def _feedback() -> Json:
    return {
        "post": {
            "operationId": "sendFeedback",
            "tags": ["inference"],
            "summary": "Say how good an answer was",
            "description": (
                "Send back the request and the response with a reward or the truth. `response.meta.routing` leads the "
                "feedback along the way that the request took."
            ),
            "parameters": [_ref("parameters", "Seldon-Puid")],
            "requestBody": _body("Feedback", _FEEDBACK),
            "responses": _answers("The reply of the root unit.", "SeldonMessagePart", _POST_ERRORS),
        }
    }


def _body(schema: str, examples: Mapping[str, Any]) -> Json:
    form = {"type": "object", "required": ["json"], "properties": {"json": {"type": "string"}}}
    parts = {
        "type": "object",
        "description": "The fields of the message, each as JSON; strData as it is; files as binData or text.",
        "additionalProperties": {"type": "string"},
    }
    named = {name: _ref("examples", name) for name in examples}
    return {
        "required": True,
        "content": {
            "application/json": {"schema": _ref("schemas", schema), "examples": named},
            "application/x-www-form-urlencoded": {"schema": form},
            "multipart/form-data": {"schema": parts},
        },
    }


def _graph_metadata() -> Json:
    answers = _answers("Of the graph, and of every unit by name.", "GraphMetadata", ("405", "500", "503"))
    return {
        "get": {
            "operationId": "graphMetadata",
            "tags": ["metadata"],
            "summary": "What the graph takes and gives",
            "responses": answers,
        }
    }


def _unit_metadata(units: list[str]) -> Json:
    return {
        "get": {
            "operationId": "unitMetadata",
            "tags": ["metadata"],
            "summary": "What one unit takes and gives",
            "parameters": [_unit_parameter(units)],
            "responses": _answers("The metadata of the unit.", "ModelMetadata", _GET_ERRORS),
        }
    }


def _unit_status(units: list[str]) -> Json:
    return {
        "get": {
            "operationId": "unitStatus",
            "tags": ["health"],
            "summary": "What one unit says of its health",
            "parameters": [_unit_parameter(units)],
            "responses": _answers("The unit is healthy.", "SeldonMessagePart", _GET_ERRORS),
        }
    }


def _unit_parameter(units: list[str]) -> Json:
    return {"name": "unit", "in": "path", "required": True, "schema": {"type": "string", "enum": units}}


def _readiness(identity: str) -> Json:
    answers = {
        "200": {"description": "Every model is loaded."},
        "503": {"description": "Models are loading, or the server goes down. The body is empty."},
    }
    return {"get": _health(identity, "Whether requests will be answered.", answers)}


def _health(identity: str, summary: str, answers: Json) -> Json:
    return {"operationId": identity, "tags": ["health"], "summary": summary, "responses": answers}


# Answers


def _ref(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def _answers(description: str, schema: str, errors: tuple[str, ...]) -> Json:
    good = {
        "description": description,
        "headers": {"Seldon-Puid": _ref("headers", "Seldon-Puid")},
        "content": {"application/json": {"schema": _ref("schemas", schema)}},
    }
    by_status = {error["status"]: name for name, error in _ERRORS.items()}
    return {"200": good} | {status: _ref("responses", by_status[status]) for status in errors}


def _error_response(name: str) -> Json:
    error = _ERRORS[name]
    examples = {reason: {"value": {"status": status}} for reason, status in _error_examples(error)}
    response: Json = {
        "description": error["description"],
        "headers": {"Seldon-Puid": _ref("headers", "Seldon-Puid")},
        "content": {"application/json": {"schema": _ref("schemas", "Error"), "examples": examples}},
    }
    if header := error.get("header"):
        response["headers"][header] = _ref("headers", header)
    return response


def _error_examples(error: Json) -> list[tuple[str, Json]]:
    """The two forms of a Status: what a component would answer, and what the engine answers (SELDON_V1 §3.4, §4.2)."""
    code = int(error["status"])
    component = [
        (reason, {"code": -1, "info": info, "reason": reason, "status": 1})
        for reason, info in error.get("component", {}).items()
    ]
    engine = [
        (reason, {"code": code, "info": info, "reason": reason, "status": "FAILURE"})
        for reason, info in error.get("engine", {}).items()
    ]
    return component + engine


_VERBATIM: Json = {"description": "A component answered with a status of its own; this is its body, as it came."}

_ERRORS: dict[str, Json] = {
    "BadMessage": {
        "status": "400",
        "description": "The message is not what the protocol or the model takes.",
        "component": {"MICROSERVICE_BAD_DATA": "Invalid request data type: {}"},
        "engine": {"MALFORMED_HTTP": "Expected one Content-Length, got two"},
    },
    "NotFound": {
        "status": "404",
        "description": "Nothing is served under this path.",
        "engine": {"NOT_FOUND": "There is no unit 'classifer'; the units are classifier"},
    },
    "MethodNotAllowed": {
        "status": "405",
        "description": "The path is served, but not with this method.",
        "engine": {"METHOD_NOT_ALLOWED": "/api/v1.0/predictions takes POST, got GET"},
        "header": "Allow",
    },
    "BodyTimeout": {
        "status": "408",
        "description": "The body did not arrive in time.",
        "engine": {"BODY_TIMEOUT": "Nothing of the body came for 30 s"},
    },
    "BodyTooLarge": {
        "status": "413",
        "description": "The body is over the limit, as sent or once decompressed.",
        "engine": {"BODY_TOO_LARGE": "A body has at most 67108864 bytes here, and this one has more"},
    },
    "UnsupportedMedia": {
        "status": "415",
        "description": "A Content-Type or Content-Encoding that is not read here.",
        "engine": {"UNSUPPORTED_MEDIA_TYPE": "Expected Content-Type application/json or a form, got image/png"},
    },
    "Failed": {
        "status": "500",
        "description": "The code behind a unit failed, or answered what the graph cannot go on with.",
        "component": {"MICROSERVICE_INTERNAL_ERROR": "bad value"},
        "engine": {
            "BAD_COMPONENT_ANSWER": "Unit `router` routed to branch 7, and it has 2 children",
            "INTERNAL_ERROR": "RuntimeError: what nobody foresaw",
        },
    },
    "Unavailable": {
        "status": "503",
        "description": "Models are loading, the server goes down, or too many requests wait. Try again.",
        "engine": {
            "NOT_READY": "The models of iris are loading; try again in a moment",
            "QUEUE_FULL": "1000 requests wait for unit `classifier` already",
        },
        "header": "Retry-After",
    },
    "DeadlineExceeded": {
        "status": "504",
        "description": "The deadline passed before the answer was there.",
        "engine": {"DEADLINE_EXCEEDED": "No answer within 5 s, the limit that annotation seldon.io/rest-timeout sets"},
    },
}

_HEADERS: Json = {
    "Seldon-Puid": {"description": "The id of the request.", "schema": {"type": "string"}},
    "Allow": {"description": "The methods that the path takes.", "schema": {"type": "string"}},
    "Retry-After": {"description": "After how many seconds to try again.", "schema": {"type": "integer"}},
}
_PARAMETERS: Json = {
    "Seldon-Puid": {
        "name": "Seldon-Puid",
        "in": "header",
        "description": "An id for the request; one is made when there is none.",
        "schema": {"type": "string"},
    }
}

# Examples


MESSAGES: dict[str, Json] = {
    "ndarray": {
        "summary": "Rows as nested lists",
        "value": {"data": {"names": ["a", "b", "c", "d"], "ndarray": [[1.0, 2.0, 3.0, 4.0]]}},
    },
    "tensor": {
        "summary": "Rows as a shape and flat values",
        "value": {"data": {"tensor": {"shape": [1, 4], "values": [1.0, 2.0, 3.0, 4.0]}}},
    },
    "tftensor": {
        "summary": "TensorFlow's TensorProto in its JSON form",
        "value": {
            "data": {
                "tftensor": {
                    "dtype": "DT_DOUBLE",
                    "tensorShape": {"dim": [{"size": "1"}, {"size": "4"}]},
                    "doubleVal": [1.0, 2.0, 3.0, 4.0],
                }
            }
        },
    },
    "strData": {"summary": "Text", "value": {"strData": "hello"}},
    "binData": {"summary": "Bytes as base64", "value": {"binData": "aGVsbG8="}},
    "jsonData": {"summary": "Any JSON value", "value": {"jsonData": {"question": "how many?", "most": 3}}},
}
"""A SeldonMessage of each kind, as OpenAPI examples: name, then ``summary`` and ``value``."""

_FEEDBACK: dict[str, Json] = {
    "reward": {
        "summary": "A reward for an answer",
        "value": {
            "request": {"data": {"ndarray": [[1.0, 2.0, 3.0, 4.0]]}},
            "response": {"data": {"ndarray": [[0.1, 0.9]]}, "meta": {"routing": {"router": 1}}},
            "reward": 1.0,
        },
    },
    "truth": {
        "summary": "What the answer should have been",
        "value": {
            "request": {"data": {"ndarray": [[1.0, 2.0, 3.0, 4.0]]}},
            "truth": {"data": {"ndarray": [[0.0, 1.0]]}},
            "reward": 0.0,
        },
    },
}

# Schemas


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

_SCHEMAS: dict[str, Json] = {
    "SeldonMessage": {
        "description": "One question or answer: one of data, strData, binData and jsonData.",
        "allOf": [_ref("schemas", "SeldonMessagePart")],
        "oneOf": [{"required": [kind]} for kind in ("data", "strData", "binData", "jsonData")],
    },
    "SeldonMessagePart": _object(
        {
            "status": _ref("schemas", "Status"),
            "meta": _ref("schemas", "Meta"),
            "data": _ref("schemas", "DefaultData"),
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
            "tensor": _ref("schemas", "Tensor"),
            "tftensor": _ref("schemas", "TensorProto"),
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
            "metrics": _list(_ref("schemas", "Metric")),
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
    "Error": {"oneOf": [_ref("schemas", "ComponentError"), _ref("schemas", "EngineError")]},
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
            "request": _ref("schemas", "SeldonMessagePart"),
            "response": _ref("schemas", "SeldonMessagePart"),
            "truth": _ref("schemas", "SeldonMessagePart"),
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
            "inputs": _list(_ref("schemas", "MessageMetadata")),
            "outputs": _list(_ref("schemas", "MessageMetadata")),
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
            "models": _map(_ref("schemas", "ModelMetadata")),
            "graphinputs": _list(_ref("schemas", "MessageMetadata")),
            "graphoutputs": _list(_ref("schemas", "MessageMetadata")),
        },
        required=["name", "models"],
        description="What a predictor says of itself.",
    ),
}
