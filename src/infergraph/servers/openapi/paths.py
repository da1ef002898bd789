"""The paths of a deployment, and what each one takes and answers."""

from collections.abc import Mapping
from typing import Any

from infergraph.declaration import SeldonDeployment
from infergraph.servers.openapi.answers import VERBATIM, answers
from infergraph.servers.openapi.examples import FEEDBACK, MESSAGES
from infergraph.servers.openapi.protocols import protocol_paths
from infergraph.servers.openapi.reference import Json, ref

_PATH_VERSIONS = ("v1.0", "v0.1")
_POST_ERRORS = ("400", "404", "405", "408", "413", "415", "500", "503", "504")
_GET_ERRORS = ("404", "405", "500", "503")


def paths_of(deployment: SeldonDeployment) -> Json:
    """Each path of a deployment, without a prefix, with its operations."""
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
    return paths | protocol_paths(list({deployment.name: None, **units}))


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
            "parameters": [ref("parameters", "Seldon-Puid")],
            "requestBody": message_body("SeldonMessage", MESSAGES),
            "responses": answers("The answer of the graph.", "SeldonMessage", _POST_ERRORS)
            | {"default": dict(VERBATIM)},
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
            "parameters": [ref("parameters", "Seldon-Puid")],
            "requestBody": message_body("Feedback", FEEDBACK),
            "responses": answers("The reply of the root unit.", "SeldonMessagePart", _POST_ERRORS),
        }
    }


def message_body(schema: str, examples: Mapping[str, Any]) -> Json:
    """The body of a request that is a message, in each of the forms that it may have."""
    form = {"type": "object", "required": ["json"], "properties": {"json": {"type": "string"}}}
    parts = {
        "type": "object",
        "description": "The fields of the message, each as JSON; strData as it is; files as binData or text.",
        "additionalProperties": {"type": "string"},
    }
    named = {name: ref("examples", name) for name in examples}
    return {
        "required": True,
        "content": {
            "application/json": {"schema": ref("schemas", schema), "examples": named},
            "application/x-www-form-urlencoded": {"schema": form},
            "multipart/form-data": {"schema": parts},
        },
    }


def _graph_metadata() -> Json:
    return {
        "get": {
            "operationId": "graphMetadata",
            "tags": ["metadata"],
            "summary": "What the graph takes and gives",
            "responses": answers("Of the graph, and of every unit by name.", "GraphMetadata", ("405", "500", "503")),
        }
    }


def _unit_metadata(units: list[str]) -> Json:
    return {
        "get": {
            "operationId": "unitMetadata",
            "tags": ["metadata"],
            "summary": "What one unit takes and gives",
            "parameters": [_unit_parameter(units)],
            "responses": answers("The metadata of the unit.", "ModelMetadata", _GET_ERRORS),
        }
    }


def _unit_status(units: list[str]) -> Json:
    return {
        "get": {
            "operationId": "unitStatus",
            "tags": ["health"],
            "summary": "What one unit says of its health",
            "parameters": [_unit_parameter(units)],
            "responses": answers("The unit is healthy.", "SeldonMessagePart", _GET_ERRORS),
        }
    }


def _unit_parameter(units: list[str]) -> Json:
    return {"name": "unit", "in": "path", "required": True, "schema": {"type": "string", "enum": units}}


def _readiness(identity: str) -> Json:
    by_status = {
        "200": {"description": "Every model is loaded."},
        "503": {"description": "Models are loading, or the server goes down. The body is empty."},
    }
    return {"get": _health(identity, "Whether requests will be answered.", by_status)}


def _health(identity: str, summary: str, by_status: Json) -> Json:
    return {"operationId": identity, "tags": ["health"], "summary": summary, "responses": by_status}
