"""The calls of the seldon protocol over gRPC: predictions, feedback and metadata (SELDON_V1 §3.8).

From here on a request is a codec, a step, and a codec again. Handlers take and give bytes, so that a message which
cannot be read is the caller's mistake in words, and not a failure of the server.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from infergraph.errors import BodyTooLarge, MethodNotAllowed, VerbatimAnswer
from infergraph.graph import Context
from infergraph.payloads.metadata_proto import encode_graph_metadata, encode_model_metadata
from infergraph.payloads.proto_message import parse
from infergraph.payloads.protos import PACKAGE, SeldonModelMetadataRequest
from infergraph.payloads.seldon_proto import decode_feedback, decode_message, encode_message, encode_verbatim
from infergraph.servers.grpc_status import failure_of
from infergraph.servers.grpc_target import Directory, GrpcTarget
from infergraph.servers.headers import puid_of
from infergraph.servers.inference import with_routing

PUID = "seldon-puid"

Call = Callable[[GrpcTarget, bytes, Context], Awaitable[bytes]]
Handler = Callable[[bytes, Any], Awaitable[bytes]]


class Calls:
    """The running calls of a server, and how each begins and ends."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.running: set[asyncio.Task[Any]] = set()
        self.finished = 0
        self._is_ending = False

    def handler(self, call: Call) -> Handler:
        """What gRPC calls: finds the deployment, gives the request its id, and answers what it raises."""

        async def handle(request: bytes, context: Any) -> bytes:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - gRPC has one for each call
            self.running.add(task)
            task.add_done_callback(self._done)  # when everything is sent, and not only when this has returned
            metadata = context.invocation_metadata()
            named = {key: value for key, value in metadata if isinstance(value, str)}
            puid = puid_of(named.get(PUID, ""))
            try:
                await context.send_initial_metadata(((PUID, puid),))
                target = self._directory.find(named)
                _check_size(request, target)
                return await call(target, request, Context(puid, _headers(metadata)))
            except (Exception, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and not self._is_ending:
                    raise  # the caller has gone, or its deadline has passed
                failure = failure_of(error, puid)
                await context.abort(failure.code, failure.details, failure.trailers)
                raise  # never reached: abort raises

        return handle

    async def end(self) -> None:
        """End what still runs; its callers hear that the server is going down."""
        self._is_ending = True
        for task in self.running:
            task.cancel()
        if self.running:
            await asyncio.wait(self.running)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self.running.discard(task)
        self.finished += 1


def handlers(calls: Calls) -> list[grpc.GenericRpcHandler]:
    """Every service of the protocol; a graph is a model to those who speak of components."""
    served: dict[str, dict[str, Call]] = {
        "Seldon": {
            "Predict": _predict,
            "SendFeedback": _send_feedback,
            "ModelMetadata": _model_metadata,
            "GraphMetadata": _graph_metadata,
        },
        "Model": {"Predict": _predict, "SendFeedback": _send_feedback, "Metadata": _root_metadata},
        "Router": {"SendFeedback": _send_feedback},
        "Generic": {"SendFeedback": _send_feedback},
    }
    for service, methods in _OF_UNITS.items():
        for method in methods:
            served.setdefault(service, {})[method] = _refusal(service, method)
    return [
        grpc.method_handlers_generic_handler(
            f"{PACKAGE}.{service}",
            {method: grpc.unary_unary_rpc_method_handler(calls.handler(call)) for method, call in methods.items()},
        )
        for service, methods in served.items()
    ]


SERVICES = tuple(
    f"{PACKAGE}.{name}"
    for name in ("Seldon", "Model", "Router", "Transformer", "OutputTransformer", "Combiner", "Generic")
)

# What only a unit alone can be asked.
_OF_UNITS = {
    "Router": ["Route"],
    "Transformer": ["TransformInput"],
    "OutputTransformer": ["TransformOutput"],
    "Combiner": ["Aggregate"],
    "Generic": ["TransformInput", "TransformOutput", "Route", "Aggregate"],
}


async def _predict(target: GrpcTarget, request: bytes, context: Context) -> bytes:
    step = target.served.executable.predict
    payload = decode_message(request, target.served.limits.json_depth)
    try:
        with target.served.statistics.timed():
            async with target.deadline():
                payload = await step(payload, context)
    except VerbatimAnswer as answer:
        if answer.http_status >= 400:
            raise
        return encode_verbatim(answer.body)
    return encode_message(with_routing(payload, context))


async def _send_feedback(target: GrpcTarget, request: bytes, context: Context) -> bytes:
    step = target.served.executable.feedback
    feedback = decode_feedback(request, target.served.limits.json_depth)
    async with target.deadline():
        reply = await step(feedback, context)
    return b"" if reply is None else encode_message(reply)  # none: no unit at the root takes feedback


async def _model_metadata(target: GrpcTarget, request: bytes, _: Context) -> bytes:
    unit = parse(SeldonModelMetadataRequest, request).name
    return encode_model_metadata(target.served.component(unit).metadata())


async def _root_metadata(target: GrpcTarget, _: bytes, __: Context) -> bytes:
    return encode_model_metadata(target.served.component(target.served.main.graph.name).metadata())


async def _graph_metadata(target: GrpcTarget, _: bytes, __: Context) -> bytes:
    return encode_graph_metadata(target.served.metadata())


def _refusal(service: str, method: str) -> Call:
    async def refuse(target: GrpcTarget, _: bytes, __: Context) -> bytes:
        raise MethodNotAllowed(
            f"{service}.{method} asks one unit, and this is the whole graph of {target.name}; call Seldon.Predict",
            allowed="Seldon.Predict",
        )

    return refuse


def _check_size(request: bytes, target: GrpcTarget) -> None:
    if len(request) > target.message_bytes:
        raise BodyTooLarge(
            f"A message has at most {target.message_bytes} bytes here, and this one has {len(request)}; annotation "
            "seldon.io/grpc-max-message-size sets the limit"
        )


def _headers(metadata: Any) -> list[tuple[bytes, bytes]]:
    return [(key.encode(), value if isinstance(value, bytes) else value.encode()) for key, value in metadata]
