"""The paths of the v2 and the tensorflow protocols, short: their specifications are public."""

from collections.abc import Sequence

from infergraph.servers.openapi.reference import Json, ref

_TENSOR: Json = {"name": "input", "shape": [1, 4], "datatype": "FP64", "data": [1.0, 2.0, 3.0, 4.0]}
V2_EXAMPLE: Json = {"inputs": [_TENSOR]}
TENSORFLOW_EXAMPLE: Json = {"instances": [[1.0, 2.0, 3.0, 4.0]]}


def protocol_paths(models: Sequence[str]) -> Json:
    """Each path of the v2 and the tensorflow protocols, without a prefix, with its operations."""
    model = {"name": "model", "in": "path", "required": True, "schema": {"type": "string", "enum": list(models)}}
    asked = ("Ask the inference graph (Open Inference Protocol)", "InferRequest", "InferResponse", V2_EXAMPLE)
    predict = _post("tensorflowPredict", *_PREDICT)
    index = _operation("repositoryIndex", "Every model, and whether it is ready", "RepositoryIndex")
    paths: Json = {
        "/v2/models/infer": {"post": _binary_too(_post("inferGraph", *asked))},
        "/v2/models/{model}/infer": {"post": _binary_too(_post("infer", *asked)) | {"parameters": [model]}},
        "/v1/models/{model}:predict": {"post": predict | {"parameters": [model]}},
        "/v2/repository/index": {"post": index},
    }
    for path, identity, summary, schema in _READ:
        operation = _operation(identity, summary, schema)
        paths[path] = {"get": operation | {"parameters": [model]} if "{model}" in path else operation}
    return paths


_PREDICT = ("Ask the inference graph (TensorFlow Serving)", "PredictRequest", "PredictResponse", TENSORFLOW_EXAMPLE)
_READ = (
    ("/v2", "serverMetadata", "What the server is, and which extensions it has", "ServerMetadata"),
    ("/v2/health/live", "serverLive", "Whether the server runs", "ServerLive"),
    ("/v2/health/ready", "serverReady", "Whether requests will be answered", "ServerReady"),
    ("/v2/models/stats", "statistics", "How many requests were answered, and in which time", "Statistics"),
    ("/v2/models/{model}", "modelMetadata", "What the model takes and gives", "InferModel"),
    (
        "/v2/models/{model}/config",
        "modelConfiguration",
        "What Triton's tools want to know of the model",
        "ModelConfiguration",
    ),
    ("/v2/models/{model}/ready", "modelReady", "Whether the model will answer", "ModelReady"),
    ("/v2/models/{model}/stats", "modelStatistics", "The same as the statistics of all, of one model", "Statistics"),
    ("/v1/models/{model}", "modelStatus", "The version of the model, and its state", "ModelStatus"),
    ("/v1/models/{model}/metadata", "modelSignature", "What it takes and gives, as TensorFlow says it", "Signature"),
)
_READINESS = ("ServerReady", "ModelReady")


def _post(identity: str, summary: str, question: str, answer: str, example: Json) -> Json:
    content = {"application/json": {"schema": ref("schemas", question), "example": example}}
    return _operation(identity, summary, answer) | {
        "tags": ["inference"],
        "requestBody": {"required": True, "content": content},
    }


def _binary_too(operation: Json) -> Json:
    """The operation, whose answer may end with the tensors as bytes when the question asks for that."""
    operation["responses"]["200"]["content"]["application/octet-stream"] = {"schema": {"type": "string"}}
    return operation


def _operation(identity: str, summary: str, schema: str) -> Json:
    content = {"application/json": {"schema": ref("schemas", schema)}}
    responses: Json = {"200": {"description": "As the protocol says.", "content": content}}
    if schema in _READINESS:
        responses["503"] = {"description": "Models are loading, or the server goes down.", "content": content}
    responses["default"] = ref("responses", "ProtocolError")
    return {"operationId": identity, "tags": ["metadata"], "summary": summary, "responses": responses}


PROTOCOL_ERROR: Json = {
    "description": "An error of the v2 and the tensorflow protocols; statuses are those of the seldon protocol.",
    "content": {"application/json": {"schema": ref("schemas", "ProtocolError")}},
}
