"""The document as a whole."""

from copy import deepcopy

from infergraph.declaration import SeldonDeployment
from infergraph.servers.openapi.answers import ERRORS, error_response
from infergraph.servers.openapi.examples import FEEDBACK, MESSAGES
from infergraph.servers.openapi.paths import paths_of
from infergraph.servers.openapi.protocol_schemas import PROTOCOL_SCHEMAS
from infergraph.servers.openapi.protocols import PROTOCOL_ERROR
from infergraph.servers.openapi.reference import Json
from infergraph.servers.openapi.schemas import SCHEMAS

HEADERS: Json = {
    "Seldon-Puid": {"description": "The id of the request.", "schema": {"type": "string"}},
    "Allow": {"description": "The methods that the path takes.", "schema": {"type": "string"}},
    "Retry-After": {"description": "After how many seconds to try again.", "schema": {"type": "integer"}},
}
PARAMETERS: Json = {
    "Seldon-Puid": {
        "name": "Seldon-Puid",
        "in": "header",
        "description": "An id for the request; one is made when there is none.",
        "schema": {"type": "string"},
    }
}


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
        "paths": {f"{prefix}{path}": item for path, item in paths_of(deployment).items()},
        "components": {
            "schemas": deepcopy(SCHEMAS) | deepcopy(PROTOCOL_SCHEMAS),
            "examples": deepcopy(MESSAGES) | deepcopy(FEEDBACK),
            "responses": {name: error_response(name) for name in ERRORS} | {"ProtocolError": deepcopy(PROTOCOL_ERROR)},
            "parameters": deepcopy(PARAMETERS),
            "headers": deepcopy(HEADERS),
        },
    }


def _description(deployment: SeldonDeployment) -> str:
    names = (f"`{predictor.name}`" for predictor in deployment.spec.predictors)
    return f"Predictors: {', '.join(names)}. Every answer has the header `Seldon-Puid`, the id of its request."
