"""The paths of the v2 and the tensorflow protocols, short: their specifications are public."""

from collections.abc import Sequence

from infergraph.servers.openapi.reference import Json, ref

_TENSOR: Json = {"name": "input", "shape": [1, 4], "datatype": "FP64", "data": [1.0, 2.0, 3.0, 4.0]}
V2_EXAMPLE: Json = {"inputs": [_TENSOR]}
TENSORFLOW_EXAMPLE: Json = {"instances": [[1.0, 2.0, 3.0, 4.0]]}


def protocol_paths(models: Sequence[str]) -> Json:
    """Each path of the v2 and the tensorflow protocols, without a prefix, with its operations."""
    model = {"name": "model", "in": "path", "required": True, "schema": {"type": "string", "enum": list(models)}}
    infer = _post("infer", "Ask the inference graph (Open Inference Protocol)", "InferRequest", V2_EXAMPLE)
    predict = _post("tensorflowPredict", "Ask the inference graph (TensorFlow Serving)", "Predict", TENSORFLOW_EXAMPLE)
    paths: Json = {
        "/v2/models/infer": {"post": _post("inferGraph", infer["summary"], "InferRequest", V2_EXAMPLE)},
        "/v2/models/{model}/infer": {"post": infer | {"parameters": [model]}},
        "/v1/models/{model}:predict": {"post": predict | {"parameters": [model]}},
        "/v2/repository/index": {"post": _operation("repositoryIndex", "Every model, and whether it is ready")},
    }
    for path, identity, summary in _READ:
        operation = _operation(identity, summary)
        paths[path] = {"get": operation | {"parameters": [model]} if "{model}" in path else operation}
    return paths


_READ = (
    ("/v2", "serverMetadata", "What the server is, and which extensions it has"),
    ("/v2/health/live", "serverLive", "Whether the server runs"),
    ("/v2/health/ready", "serverReady", "Whether requests will be answered"),
    ("/v2/models/stats", "statistics", "How many requests were answered, and in which time"),
    ("/v2/models/{model}", "modelMetadata", "What the model takes and gives"),
    ("/v2/models/{model}/config", "modelConfiguration", "What Triton's tools want to know of the model"),
    ("/v2/models/{model}/ready", "modelReady", "Whether the model will answer"),
    ("/v2/models/{model}/stats", "modelStatistics", "The same as the statistics of all, of one model"),
    ("/v1/models/{model}", "modelStatus", "The version of the model, and its state"),
    ("/v1/models/{model}/metadata", "modelSignature", "What the model takes and gives, as TensorFlow says it"),
)


def _post(identity: str, summary: str, schema: str, example: Json) -> Json:
    content = {"application/json": {"schema": ref("schemas", schema), "example": example}}
    return _operation(identity, summary) | {
        "tags": ["inference"],
        "requestBody": {"required": True, "content": content},
    }


def _operation(identity: str, summary: str) -> Json:
    good = {"description": "As the protocol says.", "content": {"application/json": {"schema": {}}}}
    responses = {"200": good, "default": ref("responses", "ProtocolError")}
    return {"operationId": identity, "tags": ["metadata"], "summary": summary, "responses": responses}


PROTOCOL_ERROR: Json = {
    "description": "An error of the v2 and the tensorflow protocols; statuses are those of the seldon protocol.",
    "content": {"application/json": {"schema": ref("schemas", "ProtocolError")}},
}
_PARAMETERS: Json = {"type": "object"}
PROTOCOL_SCHEMAS: dict[str, Json] = {
    "ProtocolError": {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]},
    "InferRequest": {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": "string"},
            "parameters": _PARAMETERS,
            "inputs": {"type": "array", "minItems": 1, "items": ref("schemas", "InferTensor")},
            "outputs": {"type": "array", "items": {"type": "object", "required": ["name"]}},
        },
    },
    "InferTensor": {
        "type": "object",
        "required": ["name", "shape", "datatype"],
        "description": "Values in data, or after the JSON (header Inference-Header-Content-Length) as many bytes as "
        "parameters.binary_data_size says.",
        "properties": {
            "name": {"type": "string"},
            "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
            "datatype": {"type": "string", "examples": ["FP32", "INT64", "BYTES"]},
            "parameters": _PARAMETERS,
            "data": {"type": "array", "description": "Flat, or nested as the shape says."},
        },
    },
    "Predict": {
        "type": "object",
        "properties": {"signature_name": {"type": "string"}, "instances": {"type": "array"}, "inputs": {}},
        "oneOf": [{"required": ["instances"]}, {"required": ["inputs"]}],
    },
}
