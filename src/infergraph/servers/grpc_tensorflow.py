"""TensorFlow Serving's protocol over gRPC: predict, metadata and status of a model (tensorflow_serving/apis)."""

from time import perf_counter

from google.protobuf import json_format

from infergraph.errors import BadMessage
from infergraph.graph import Context
from infergraph.payloads.proto_message import parse, written
from infergraph.payloads.protos import (
    GetModelMetadataRequest,
    GetModelMetadataResponse,
    GetModelStatusRequest,
    GetModelStatusResponse,
    SignatureDefMap,
)
from infergraph.payloads.tensorflow_proto import ModelSpec, decode_predict, encode_predict, spec_of
from infergraph.payloads.v2_response import Model
from infergraph.servers.grpc_calls import Calls, Service
from infergraph.servers.grpc_target import GrpcTarget
from infergraph.servers.models import ONLY_VERSION
from infergraph.servers.tensorflow import signatures_of, version_number

_PREDICTIONS, _MODELS = "tensorflow.serving.PredictionService", "tensorflow.serving.ModelService"
_SIGNATURES = "signature_def"
_NO_EXAMPLES = "{} takes tf.Example records, which only TensorFlow's own models do; call Predict with tensors"
_NO_RELOAD = "Models come and go with the manifest here: {} is not offered; start the server with another manifest"


def tensorflow_services(calls: Calls) -> dict[str, Service]:
    """Both services of the protocol, by name."""
    without_examples = ("Classify", "Regress", "MultiInference")
    return {
        _PREDICTIONS: {
            "Predict": calls.unary(_predict, f"/{_PREDICTIONS}/Predict"),
            "GetModelMetadata": calls.unary(_metadata, f"/{_PREDICTIONS}/GetModelMetadata"),
            **{method: calls.refusal(_NO_EXAMPLES.format(method)) for method in without_examples},
        },
        _MODELS: {
            "GetModelStatus": calls.unary(_status, f"/{_MODELS}/GetModelStatus"),
            "HandleReloadConfigRequest": calls.refusal(_NO_RELOAD.format("HandleReloadConfigRequest")),
        },
    }


async def _predict(target: GrpcTarget, request: bytes, context: Context) -> bytes:
    served = target.served
    step, question = served.executable.predict, decode_predict(request)
    model = _model(target, question.spec)
    context.timings.decoded_s = perf_counter()
    async with target.deadline():
        payload = await step(question.payload, context)
    context.timings.walked_s = perf_counter()
    version = int(version_number(model.version))
    return encode_predict(payload, question, name=model.name, version=version, output=model.output)


async def _metadata(target: GrpcTarget, request: bytes, _: Context) -> bytes:
    asked = parse(GetModelMetadataRequest, request)
    if odd := sorted({*asked.metadata_field} - {_SIGNATURES}):
        raise BadMessage(f"Expected {_SIGNATURES} as the only field, got {odd[0]!r:.60} - at `$.metadata_field`")
    spec = spec_of(asked.model_spec)
    model = _model(target, spec)
    response = GetModelMetadataResponse()
    response.model_spec.name = model.name
    response.model_spec.version.value = int(version_number(model.version))
    signatures = json_format.ParseDict(signatures_of(target.models, model.name, spec.version), SignatureDefMap())
    known = response.metadata[_SIGNATURES]
    known.type_url = f"type.googleapis.com/{SignatureDefMap.DESCRIPTOR.full_name}"
    known.value = signatures.SerializeToString()
    return written(response)


async def _status(target: GrpcTarget, request: bytes, _: Context) -> bytes:
    spec = spec_of(parse(GetModelStatusRequest, request).model_spec)
    is_ready = target.served.is_ready
    version = version_number(_model(target, spec).version) if is_ready else ONLY_VERSION
    response = GetModelStatusResponse()
    state = "AVAILABLE" if is_ready else "LOADING"
    status = response.model_version_status.add(version=int(version), state=state)
    status.status.SetInParent()
    return written(response)


def _model(target: GrpcTarget, spec: ModelSpec) -> Model:
    return target.models.model(spec.name or target.name, spec.version)
