"""The least that a service can do with a tensor: take its bytes, copy them, send them. ASGI with no framework."""

from typing import Any

import numpy as np


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    parts = []
    while True:
        message = await receive()
        parts.append(message["body"])
        if not message.get("more_body"):
            break
    body = np.frombuffer(b"".join(parts), dtype="<f4").copy().tobytes()
    headers = [(b"content-type", b"application/octet-stream"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
