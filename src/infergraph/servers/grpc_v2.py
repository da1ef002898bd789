"""The v2 protocol over gRPC (Open Inference Protocol, with those of Triton's extensions that its clients ask for)."""

from collections.abc import Sequence
from typing import Any

from infergraph.graph import Context
from infergraph.payloads.proto_message import parse
from infergraph.payloads.protos import (
    ModelConfigRequest,
    ModelConfigResponse,
    ModelMetadataRequest,
    ModelMetadataResponse,
    ModelReadyRequest,
    ModelReadyResponse,
    ModelStatisticsRequest,
    ModelStatisticsResponse,
    RepositoryIndexRequest,
    RepositoryIndexResponse,
    ServerLiveResponse,
    ServerMetadataResponse,
    ServerReadyResponse,
)
from infergraph.payloads.v2_proto_request import decode_request
from infergraph.payloads.v2_proto_response import encode_response, encode_stream_error, encode_stream_response
from infergraph.servers.grpc_calls import Calls, Service
from infergraph.servers.grpc_status import failure_of
from infergraph.servers.grpc_target import GrpcTarget
from infergraph.servers.v2_models import SERVER, configuration_of, index_of, statistics_of

_NO_LOADING = "Models come and go with the manifest here: {} is not offered; start the server with another manifest"
_NO_MEMORY = "Tensors come in the message here: {} is not offered; leave shared memory out"
_REFUSED = {
    **dict.fromkeys(("RepositoryModelLoad", "RepositoryModelUnload"), _NO_LOADING),
    **{
        f"{kind}SharedMemory{action}": _NO_MEMORY
        for kind in ("System", "Cuda")
        for action in ("Status", "Register", "Unregister")
    },
    **dict.fromkeys(
        ("TraceSetting", "LogSettings"), "{} is not offered: what is logged and traced is set where the server starts"
    ),
}


def v2_services(calls: Calls) -> dict[str, Service]:
    """The service of the protocol, by name."""
    methods = {
        "ServerLive": calls.of_server(_live),
        "ServerReady": calls.of_server(_ready),
        "ServerMetadata": calls.of_server(_server_metadata),
        "RepositoryIndex": calls.of_server(_index),
        "ModelReady": calls.unary(_model_ready),
        "ModelMetadata": calls.unary(_model_metadata),
        "ModelConfig": calls.unary(_configuration),
        "ModelStatistics": calls.unary(_statistics),
        "ModelInfer": calls.unary(_infer),
        "ModelStreamInfer": calls.stream(_infer_in_stream),
    }
    return {
        "inference.GRPCInferenceService": {
            **methods,
            **{method: calls.refusal(why.format(method)) for method, why in _REFUSED.items()},
        }
    }


async def _infer(target: GrpcTarget, request: bytes, context: Context) -> bytes:
    served = target.served
    step, question = served.executable.predict, decode_request(request)
    model = target.models.model(question.model or target.name, question.version)
    with served.statistics.timed():
        async with target.deadline():
            payload = await step(question.payload, context)
    return encode_response(payload, question.wanted, model)


async def _infer_in_stream(target: GrpcTarget, request: bytes, context: Context) -> bytes:
    """As `_infer`; what fails is said in the stream, which goes on."""
    served, request_id = target.served, ""
    try:
        target.check_size(request)
        question = decode_request(request)
        request_id = question.wanted.id or ""
        step = served.executable.predict
        model = target.models.model(question.model or target.name, question.version)
        with served.statistics.timed():
            async with target.deadline():
                payload = await step(question.payload, context)
        return encode_stream_response(payload, question.wanted, model)
    except Exception as error:  # noqa: BLE001 - said and logged in one place
        return encode_stream_error(failure_of(error, context.puid).details, request_id)


def _live(_: Sequence[GrpcTarget], __: bytes) -> bytes:
    return _bytes(ServerLiveResponse(live=True))


def _ready(targets: Sequence[GrpcTarget], _: bytes) -> bytes:
    return _bytes(ServerReadyResponse(ready=bool(targets) and all(target.served.is_ready for target in targets)))


def _server_metadata(_: Sequence[GrpcTarget], __: bytes) -> bytes:
    return _bytes(ServerMetadataResponse(**SERVER))


def _index(targets: Sequence[GrpcTarget], request: bytes) -> bytes:
    asked = parse(RepositoryIndexRequest, request)
    deployments = [(target.served, target.models) for target in targets]
    return _bytes(RepositoryIndexResponse(models=index_of(deployments, is_ready_only=asked.ready)))


async def _model_ready(target: GrpcTarget, request: bytes, _: Context) -> bytes:
    asked = parse(ModelReadyRequest, request)
    if target.served.is_ready:
        target.models.model(asked.name or target.name, asked.version)
    return _bytes(ModelReadyResponse(ready=target.served.is_ready))


async def _model_metadata(target: GrpcTarget, request: bytes, _: Context) -> bytes:
    asked = parse(ModelMetadataRequest, request)
    return _bytes(ModelMetadataResponse(**target.models.metadata(asked.name or target.name, asked.version)))


async def _configuration(target: GrpcTarget, request: bytes, _: Context) -> bytes:
    asked = parse(ModelConfigRequest, request)
    config = configuration_of(target.models, asked.name or target.name, asked.version)
    return _bytes(ModelConfigResponse(config=config))


async def _statistics(target: GrpcTarget, request: bytes, _: Context) -> bytes:
    asked, models = parse(ModelStatisticsRequest, request), target.models
    names = (asked.name,) if asked.name else models.names
    counts = [statistics_of(target.served, models, name, asked.version) for name in names]
    return _bytes(ModelStatisticsResponse(model_stats=counts))


def _bytes(message: Any) -> bytes:
    body: bytes = message.SerializeToString()
    return body
