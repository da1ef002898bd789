"""Inference over the v2 protocol (Open Inference Protocol, with Triton's binary tensor data extension)."""

from time import perf_counter

from infergraph.errors import BadMessage
from infergraph.graph import Context
from infergraph.payloads.v2_request import LENGTH_HEADER, decode_request
from infergraph.payloads.v2_response import encode_response
from infergraph.servers.answers import Answer, Form
from infergraph.servers.body import read_body
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.inference import with_routing
from infergraph.servers.models import Models
from infergraph.servers.request import Request
from infergraph.servers.route import Route
from infergraph.servers.served import Served

_LENGTH = LENGTH_HEADER.lower().encode()
_BINARY_TYPE = (b"content-type", b"application/octet-stream")


def v2_inference_routes(prefix: str, served: Served, models: Models, headers: ResponseHeaders) -> dict[str, Route]:
    """Where a deployment answers inference requests, by path."""
    paths = {f"{prefix}/v2/models/{name}/infer": name for name in models.names}
    paths[f"{prefix}/v2/models/infer"] = served.deployment.name
    meter = served.metrics.requests("predictions")
    return {
        path: Route(
            ("POST",),
            V2Inference(served, models, name),
            headers,
            Form.ERROR,
            meter,
            body_bytes=served.limits.body_bytes,
        )
        for path, name in paths.items()
    }


class V2Inference:
    """POST …/v2/models/<model>/infer: an inference request in, an inference response out."""

    def __init__(self, served: Served, models: Models, name: str) -> None:
        self._served = served
        self._models = models
        self._name = name

    async def __call__(self, request: Request) -> Answer:
        served = self._served
        body = read_body(request, served.limits)
        step, model = served.executable.predict, self._models.model(self._name, request.version)
        timings = request.timings
        timings.received_s = perf_counter()
        length = _header_length(request, body)
        payload, wanted = decode_request(body, length, served.limits.json_depth)
        context = Context(request.puid, request.fields, timings)
        timings.decoded_s = perf_counter()
        async with served.deadline():
            payload = with_routing(await step(payload, context), context)
        timings.walked_s = perf_counter()
        answer, length = encode_response(payload, wanted, model, body if length is None else body[:length])
        return Answer(200, answer) if length is None else Answer(200, answer, _binary_headers(length))


def _binary_headers(length: int) -> tuple[tuple[bytes, bytes], ...]:
    return (_BINARY_TYPE, (_LENGTH, b"%d" % length))


def _header_length(request: Request, body: bytes) -> int | None:
    """How many bytes of the body are JSON, None for all. :raises BadMessage: when that cannot be."""
    given = request.headers.get(_LENGTH)
    if given is None:
        is_said_to_be_binary = request.headers.get(b"content-type") == b"application/octet-stream"
        if is_said_to_be_binary and not body[-8:].rstrip().endswith(b"}"):  # aiohttp says so of JSON too
            raise BadMessage(f"Expected the header {LENGTH_HEADER} with a body of application/octet-stream, got none")
        return None
    size = len(body)
    if not given.isdigit() or len(given) > 12 or int(given) > size:
        shown = given[:40].decode("latin-1")
        raise BadMessage(f"Expected a number from 0 to {size}, the size of the body, in {LENGTH_HEADER}; got {shown!r}")
    return int(given)
