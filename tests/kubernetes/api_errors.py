"""What the API server's refusals look like to our client."""

import json
from typing import Any

import httpx2
from lightkube.core.exceptions import ApiError


def refusal(code: int, message: str = "", **details: Any) -> ApiError:
    """The error that the client raises for an answer with this status."""
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message, **details}
    request = httpx2.Request("GET", "https://api")
    body = json.dumps(status).encode()
    return ApiError(request, httpx2.Response(code, content=body, headers={"Content-Type": "application/json"}))
