"""One application, and how servers of other protocols would ask it."""

from typing import Any

from infergraph.components import Component
from infergraph.declaration import inspect_text
from infergraph.graph.compile import compile_deployment
from infergraph.graph.shadow import Shadows
from infergraph.servers.app import Application
from infergraph.servers.limits import Limits
from infergraph.servers.request import Request
from infergraph.servers.served import Served

PATH = "/api/v1.0/predictions"
BODY = b'{"data":{"ndarray":[[5.1,3.5,1.4,0.2]]}}'

MANIFEST = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: echo}
spec: {predictors: [{name: p, graph: {name: identity, implementation: SIMPLE_MODEL}}]}
"""
# What the headers of an answer are in the protocols of other servers; ours has them as the bytes that are sent.
HEADERS = (
    ("content-type", "application/json"),
    ("x-content-type-options", "nosniff"),
    ("access-control-allow-origin", "*"),
    ("access-control-allow-headers", "Accept, Authorization, Content-Length, Content-Type"),
    ("access-control-allow-methods", "OPTIONS,POST"),
)
RAW_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS]


class Identity:
    """The cheapest component that there is."""

    def predict(self, X: Any, names: list[str]) -> Any:
        return X


def application() -> Application:
    """What every server here is asked for: the whole way of a request, with an identity as its model."""
    deployment = inspect_text(MANIFEST, file="echo.yaml").manifests[0].deployment
    served = Served(deployment, Limits())
    components = {"p": {"identity": Component("identity", Identity(), image="identity:1")}}
    executable = compile_deployment(deployment, components, shadows=Shadows(), metrics=served.metrics)
    served.start(executable, components)
    return Application([served])


def asgi() -> Any:
    """The application as ASGI would have it."""
    ours = application()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope["method"], scope["raw_path"], scope["query_string"], scope["headers"])
        ours.accept(request)
        message = await receive()
        body = message["body"]
        while message["more_body"]:
            message = await receive()
            body += message["body"]
        request.body = body
        reply = await ours(request)
        headers = [*RAW_HEADERS, (b"seldon-puid", request.puid.encode()), (b"content-length", b"%d" % len(reply.body))]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    return app


def rsgi() -> Any:
    """The application as RSGI, granian's own protocol, would have it."""
    ours = application()

    async def app(scope: Any, protocol: Any) -> None:
        fields = [(name.encode(), value.encode()) for name, value in scope.headers.items()]
        request = Request(scope.method, scope.path.encode(), scope.query_string.encode(), fields)
        ours.accept(request)
        request.body = await protocol()
        reply = await ours(request)
        protocol.response_bytes(reply.status, [*HEADERS, ("seldon-puid", request.puid)], reply.body)

    return app
