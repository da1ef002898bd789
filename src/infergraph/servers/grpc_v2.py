"""The v2 protocol over gRPC (Open Inference Protocol, with those of Triton's extensions that its clients ask for)."""

from collections.abc import Sequence
from time import perf_counter

from infergraph.graph import Context
from infergraph.payloads.proto_message import parse, written
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
from infergraph.servers.grpc_calls import Call, Calls, Service
from infergraph.servers.grpc_status import Failure, failure_of
from infergraph.servers.grpc_target import GrpcTarget
from infergraph.servers.v2_models import SERVER, configuration_of, index_of, statistics_of

_SERVICE = "inference.GRPCInferenceService"
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
    of_model: dict[str, Call] = {
        "ModelReady": _model_ready,
        "ModelMetadata": _model_metadata,
        "ModelConfig": _configuration,
        "ModelStatistics": _statistics,
        "ModelInfer": _infer,
    }
    return {
        _SERVICE: {
            "ServerLive": calls.of_server(_live),
            "ServerReady": calls.of_server(_ready),
            "ServerMetadata": calls.of_server(_server_metadata),
            "RepositoryIndex": calls.of_server(_index),
            **{method: calls.unary(call, f"/{_SERVICE}/{method}") for method, call in of_model.items()},
            "ModelStreamInfer": calls.stream(_infer_in_stream, f"/{_SERVICE}/ModelStreamInfer"),
            **{method: calls.refusal(why.format(method)) for method, why in _REFUSED.items()},
        }
    }


async def _infer(target: GrpcTarget, request: bytes, context: Context) -> bytes:
    served = target.served
    step, question = served.executable.predict, decode_request(request)
    model = target.models.model(question.model or target.name, question.version)
    context.timings.decoded_s = perf_counter()
    async with target.deadline():
        payload = await step(question.payload, context)
    context.timings.walked_s = perf_counter()
    return encode_response(payload, question.wanted, model)


async def _infer_in_stream(target: GrpcTarget, request: bytes, context: Context) -> tuple[bytes, Failure | None]:
    """As `_infer`; what fails is said in the stream, which goes on."""
    served, request_id = target.served, ""
    try:
        target.check_size(request)
        question = decode_request(request)
        request_id = question.wanted.id or ""
        step = served.executable.predict
        model = target.models.model(question.model or target.name, question.version)
        context.timings.decoded_s = perf_counter()
        async with target.deadline():
            payload = await step(question.payload, context)
        context.timings.walked_s = perf_counter()
        return encode_stream_response(payload, question.wanted, model), None
    except Exception as error:  # noqa: BLE001 - said and logged in one place
        failure = failure_of(error, context.puid)
        return encode_stream_error(failure.details, request_id), failure


def _live(_: Sequence[GrpcTarget], __: bytes) -> bytes:
    return written(ServerLiveResponse(live=True))


def _ready(targets: Sequence[GrpcTarget], _: bytes) -> bytes:
    return written(ServerReadyResponse(ready=bool(targets) and all(target.served.is_ready for target in targets)))


def _server_metadata(_: Sequence[GrpcTarget], __: bytes) -> bytes:
    return written(ServerMetadataResponse(**SERVER))


def _index(targets: Sequence[GrpcTarget], request: bytes) -> bytes:
    asked = parse(RepositoryIndexRequest, request)
    deployments = [(target.served, target.models) for target in targets]
    return written(RepositoryIndexResponse(models=index_of(deployments, is_ready_only=asked.ready)))


async def _model_ready(target: GrpcTarget, request: bytes, _: Context) -> bytes:
    asked = parse(ModelReadyRequest, request)
    if target.served.is_ready:
        target.models.model(asked.name or target.name, asked.version)
    return written(ModelReadyResponse(ready=target.served.is_ready))


async def _model_metadata(target: GrpcTarget, request: bytes, _: Context) -> bytes:
    asked = parse(ModelMetadataRequest, request)
    return written(ModelMetadataResponse(**target.models.metadata(asked.name or target.name, asked.version)))


async def _configuration(target: GrpcTarget, request: bytes, _: Context) -> bytes:
    asked = parse(ModelConfigRequest, request)
    config = configuration_of(target.models, asked.name or target.name, asked.version)
    return written(ModelConfigResponse(config=config))


async def _statistics(target: GrpcTarget, request: bytes, _: Context) -> bytes:
    asked, models = parse(ModelStatisticsRequest, request), target.models
    names = (asked.name,) if asked.name else models.names
    counts = await target.served.statistics()
    stats = [statistics_of(counts, models, name, asked.version) for name in names]
    return written(ModelStatisticsResponse(model_stats=stats))
