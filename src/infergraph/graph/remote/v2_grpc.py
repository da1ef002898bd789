"""The v2 protocol over gRPC, as an engine speaks it to a component (SELDON_V1 §3.8)."""

from functools import partial

from infergraph.graph.remote.exchange import OF_MODELS, Exchange, Exchanges, Subject
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.answered import joined
from infergraph.payloads.declared import declared_in
from infergraph.payloads.v2_proto_call import (
    decode_metadata,
    decode_ready,
    decode_response,
    encode_metadata_request,
    encode_ready_request,
    encode_request,
)

_SERVICE = "/inference.GRPCInferenceService"


def exchanges(subject: Subject) -> Exchanges:
    """What there is a call for: models, which transformers are too, and what these say of themselves."""
    unit = subject.unit
    infer = Exchange(
        f"{_SERVICE}/ModelInfer",
        lambda payload: encode_request(payload, unit, declared_in(subject.metadata())),
        decode_response,
        partial(joined, path=subject.path),
    )
    return dict.fromkeys(OF_MODELS, infer) | {
        "health_status": Exchange(f"{_SERVICE}/ModelReady", lambda _: encode_ready_request(unit), _status),
        "metadata": Exchange(f"{_SERVICE}/ModelMetadata", lambda _: encode_metadata_request(unit), decode_metadata),
    }


def _status(body: bytes) -> Payload:
    return Payload({"ready": decode_ready(body)}, Encoding.JSON)
