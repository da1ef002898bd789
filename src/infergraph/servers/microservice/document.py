"""The OpenAPI document of a component."""

from copy import deepcopy
from typing import Any

from infergraph.servers.openapi.answers import ERRORS, VERBATIM, answers, error_response
from infergraph.servers.openapi.document import HEADERS, PARAMETERS
from infergraph.servers.openapi.examples import FEEDBACK, MESSAGES
from infergraph.servers.openapi.paths import message_body
from infergraph.servers.openapi.reference import Json, ref
from infergraph.servers.openapi.schemas import SCHEMAS

_ERRORS = ("400", "404", "405", "408", "413", "415", "500", "503", "504")
_QUESTIONS = {
    "/predict": ("predict", "Ask a model"),
    "/transform-input": ("transformInput", "Change a message on its way to a model"),
    "/transform-output": ("transformOutput", "Change the answer of a model"),
    "/route": ("route", "Ask a router which child comes next"),
    "/api/v1.0/predictions": ("predictions", "Ask a model, as one asks a whole graph"),
    "/api/v0.1/predictions": ("predictionsV01", "Ask a model, as one asks a whole graph"),
}
_FEEDBACK = {
    "/send-feedback": "sendFeedback",
    "/api/v1.0/feedback": "feedback",
    "/api/v0.1/feedback": "feedbackV01",
}


def component_document(name: str, *, version: str) -> Json:
    """The document of a component of this name. The value is plain JSON and belongs to the caller."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": name,
            "version": version,
            "summary": "A component of an inference graph, served by InferGraph.",
            "description": "Every path is there, whatever the component's type; what it does not do answers 400.",
        },
        "servers": [{"url": "/", "description": "The server that this document came from."}],
        "tags": [
            {"name": "inference", "description": "Ask the component, and tell it how good an answer was."},
            {"name": "metadata", "description": "What the component takes and gives."},
            {"name": "health", "description": "Whether requests will be answered."},
        ],
        "paths": _paths(),
        "components": {
            "schemas": deepcopy(SCHEMAS),
            "examples": deepcopy(MESSAGES) | deepcopy(FEEDBACK),
            "responses": {name: error_response(name) for name in ERRORS},
            "parameters": deepcopy(PARAMETERS),
            "headers": deepcopy(HEADERS),
        },
    }


def _paths() -> Json:
    paths: Json = {path: _question(identity, summary) for path, (identity, summary) in _QUESTIONS.items()}
    paths |= {path: _feedback(identity) for path, identity in _FEEDBACK.items()}
    paths["/aggregate"] = _aggregate()
    paths["/metadata"] = _read("metadata", "metadata", "What the component takes and gives", "ModelMetadata")
    paths["/health/status"] = _read("health", "healthStatus", "What the component says of its health")
    pong = {"200": {"description": "It runs.", "content": {"text/plain": {"schema": {"const": "pong"}}}}}
    paths["/health/ping"] = {
        "get": {"operationId": "ping", "tags": ["health"], "summary": "Whether the server runs.", "responses": pong}
    }
    return paths


def _question(identity: str, summary: str) -> Json:
    return _post(identity, summary, message_body("SeldonMessage", MESSAGES), "SeldonMessage")


def _feedback(identity: str) -> Json:
    body = message_body("Feedback", FEEDBACK)
    return _post(identity, "Say how good an answer was", body, "SeldonMessagePart")


def _aggregate() -> Json:
    several: Json = {"type": "array", "minItems": 1, "items": ref("schemas", "SeldonMessage")}
    named = {"type": "object", "required": ["seldonMessages"], "properties": {"seldonMessages": several}}
    body: dict[str, Any] = {"required": True, "content": {"application/json": {"schema": {"anyOf": [several, named]}}}}
    return _post("aggregate", "Make one answer of several", body, "SeldonMessage")


def _post(identity: str, summary: str, body: Json, answer: str) -> Json:
    return {
        "post": {
            "operationId": identity,
            "tags": ["inference"],
            "summary": summary,
            "parameters": [ref("parameters", "Seldon-Puid")],
            "requestBody": body,
            "responses": answers("The component's answer.", answer, _ERRORS) | {"default": dict(VERBATIM)},
        }
    }


def _read(tag: str, identity: str, summary: str, schema: str = "SeldonMessagePart") -> Json:
    responses = answers("The component's answer.", schema, ("405", "500", "503"))
    return {"get": {"operationId": identity, "tags": [tag], "summary": summary, "responses": responses}}
