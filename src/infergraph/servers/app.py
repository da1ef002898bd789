"""The application that a server runs: inference paths by one look-up, the rest through the control application."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from infergraph.errors import MethodNotAllowed
from infergraph.servers.answers import Answer, answer_to
from infergraph.servers.control import control_application, inference_paths
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.inference import METHODS, FeedbackReceiver, Inference, Predictions
from infergraph.servers.served import Served


class Application:
    """The ASGI application of some deployments.

    Each is served under ``/seldon/<namespace>/<name>``, and a single one also without that prefix.
    """

    def __init__(self, served: Sequence[Served]) -> None:
        self._headers = ResponseHeaders()
        self._inference: dict[str, Inference] = {}
        for one in served:
            prefixes = [one.path, ""] if len(served) == 1 else [one.path]
            headers = ResponseHeaders(one.deployment.name, one.deployment.namespace)
            predictions, feedback = Predictions(one, headers), FeedbackReceiver(one, headers)
            for prefix in prefixes:
                self._inference |= dict.fromkeys(inference_paths(prefix, "predictions"), predictions)
                self._inference |= dict.fromkeys(inference_paths(prefix, "feedback"), feedback)
        self._control: ASGIApp = control_application(served, self._headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inference = self._inference.get(scope["path"])
        method = scope["method"]
        if inference is not None and method == "POST":
            await inference(scope, receive, send)
        elif method == "OPTIONS":
            await self._send(scope, send, Answer(200, b"", ()), METHODS if inference else "GET,OPTIONS")
        elif inference is not None:
            error = MethodNotAllowed(f"{scope['path']} takes POST, got {method:.20}", allowed="POST")
            await self._send(scope, send, answer_to(error, ""), METHODS)
        else:
            await self._control(scope, receive, send)

    async def _send(self, scope: Scope, send: Send, answer: Answer, methods: str) -> None:
        headers = dict(scope["headers"])
        puid = self._headers.puid(headers)
        listed = self._headers.of(scope, headers, methods, puid, answer)
        await send({"type": "http.response.start", "status": answer.status, "headers": listed})
        await send({"type": "http.response.body", "body": answer.body})
