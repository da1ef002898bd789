"""Everything but inference: health, metadata, documentation, and the answers for paths that are not served."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infergraph import __version__
from infergraph.errors import MethodNotAllowed, NotFound
from infergraph.payloads import json_text
from infergraph.payloads.seldon_json import encode_message
from infergraph.servers.answers import Answer, answer_to
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.openapi import openapi_document
from infergraph.servers.page import page
from infergraph.servers.served import Served

Endpoint = Callable[[Request], Awaitable[Response]]
VERSIONS = ("v0.1", "v1.0")


def control_application(served: Sequence[Served], headers: ResponseHeaders) -> ASGIApp:
    """The application for every path that is not an inference path."""
    routes = [*_health_routes("", served)]
    for one in served:
        routes += _deployment_routes(one.path, one)
    if len(served) == 1:
        routes += [*_deployment_routes("", served[0])]
    routes.append(Route("/", _front_page(served)))
    application = Starlette(routes=routes, exception_handlers={HTTPException: _refuse, Exception: _refuse})
    application.router.redirect_slashes = False
    return _with_headers(application, headers)


def inference_paths(prefix: str, action: str) -> list[str]:
    """Where an action (``predictions``, ``feedback``) of a deployment is served."""
    return [f"{prefix}/api/{version}/{action}" for version in VERSIONS]


def _health_routes(prefix: str, served: Sequence[Served]) -> list[Route]:
    async def ready(_: Request) -> Response:
        return Response(status_code=200 if all(one.is_ready for one in served) else 503)

    async def live(_: Request) -> Response:
        return Response()

    methods = ["GET", "POST", "PUT", "DELETE", "PATCH"]  # "ANY" upstream
    return [Route(f"{prefix}/ready", ready, methods=methods), Route(f"{prefix}/live", live, methods=methods)]


def _deployment_routes(prefix: str, served: Served) -> list[Route]:
    async def ready(_: Request) -> Response:
        return Response(status_code=200 if served.is_ready else 503)

    async def metadata(_: Request) -> Response:
        return _json(served.graph_metadata())

    async def unit_metadata(request: Request) -> Response:
        return _json(served.component(request.path_params["unit"]).metadata())

    async def unit_status(request: Request) -> Response:
        health = served.component(request.path_params["unit"]).health()
        payload = await health.run_async(None) if health.is_async else health.run(None)
        return Response(encode_message(payload), media_type="application/json")

    async def document(_: Request) -> Response:
        return _json(openapi_document(served.deployment, prefix=prefix, version=__version__))

    async def docs(_: Request) -> Response:
        return HTMLResponse(page(served.deployment, prefix=prefix, metadata=_metadata(served)))

    paths: list[tuple[str, Endpoint]] = [
        ("/api/v1.0/metadata", metadata),
        ("/api/v1.0/status", ready),
        ("/api/v1.0/health/status", ready),
    ]
    for version in VERSIONS:
        paths += [
            (f"/api/{version}/metadata/{{unit}}", unit_metadata),
            (f"/api/{version}/status/{{unit}}", unit_status),
            (f"/api/{version}/doc/seldon.json", document),
            (f"/api/{version}/doc/", docs),
            (f"/api/{version}/doc", docs),
        ]
    routes = [Route(f"{prefix}{path}", endpoint) for path, endpoint in paths]
    return routes + (_health_routes(prefix, [served]) if prefix else [])


def _metadata(served: Served) -> dict[str, Any] | None:
    """The graph's metadata for the page, once it is known."""
    if not served.is_ready:
        return None
    return served.graph_metadata()


def _front_page(served: Sequence[Served]) -> Endpoint:
    async def front(_: Request) -> Response:
        if len(served) == 1:
            return RedirectResponse("/api/v1.0/doc/")
        return _json(
            {"deployments": [{"name": one.deployment.name, "docs": f"{one.path}/api/v1.0/doc/"} for one in served]}
        )

    return front


async def _refuse(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        error = _explained(request, error)
    answer = answer_to(error, request.state.puid)
    return _response(answer)


def _explained(request: Request, error: HTTPException) -> Exception:
    path, method = request.url.path, request.method
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "GET")
        return MethodNotAllowed(f"{path:.200} takes {allowed}, got {method:.20}", allowed=allowed)
    return NotFound(
        f"There is nothing under {path:.200}; "
        "a deployment is served under /seldon/<namespace>/<name>/api/v1.0/predictions"
    )


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    response.raw_headers = [*answer.headers, (b"content-length", b"%d" % len(answer.body))]
    return response


def _json(value: Any) -> Response:
    return Response(json_text.encode(value), media_type="application/json")


def _with_headers(application: ASGIApp, common: ResponseHeaders) -> ASGIApp:
    """The application with the headers of every answer around it, and OPTIONS answered for every path."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        puid = common.puid(headers)
        scope.setdefault("state", {})["puid"] = puid

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = tuple(header for header in message["headers"] if header[0] != b"content-length")
                length = [header for header in message["headers"] if header[0] == b"content-length"]
                answer = Answer(message["status"], b"", own)
                listed = common.of(scope, headers, _methods(message), puid, answer)
                message["headers"] = [h for h in listed if h[0] != b"content-length"] + length
            await send(message)

        with contextlib.suppress(Exception):  # answered and logged by `_refuse`; starlette raises it again all the same
            await application(scope, receive, send_with_headers)

    return call


def _methods(message: Message) -> str:
    allowed = next((value for name, value in message["headers"] if name == b"allow"), b"GET,OPTIONS")
    return str(allowed.decode())
