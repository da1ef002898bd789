"""What the paths answer, and the errors with their examples."""

from infergraph.servers.openapi.reference import Json, ref

VERBATIM: Json = {"description": "A component answered with a status of its own; this is its body, as it came."}

ERRORS: dict[str, Json] = {
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


def answers(description: str, schema: str, errors: tuple[str, ...]) -> Json:
    """The answers of an operation: a good one, of this schema, and the errors, by status."""
    good = {
        "description": description,
        "headers": {"Seldon-Puid": ref("headers", "Seldon-Puid")},
        "content": {"application/json": {"schema": ref("schemas", schema)}},
    }
    by_status = {error["status"]: name for name, error in ERRORS.items()}
    return {"200": good} | {status: ref("responses", by_status[status]) for status in errors}


def error_response(name: str) -> Json:
    """The answer that one of `ERRORS` is."""
    error = ERRORS[name]
    examples = {reason: {"value": {"status": status}} for reason, status in _error_examples(error)}
    response: Json = {
        "description": error["description"],
        "headers": {"Seldon-Puid": ref("headers", "Seldon-Puid")},
        "content": {"application/json": {"schema": ref("schemas", "Error"), "examples": examples}},
    }
    if header := error.get("header"):
        response["headers"][header] = ref("headers", header)
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
