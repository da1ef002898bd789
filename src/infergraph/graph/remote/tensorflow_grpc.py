"""TensorFlow Serving's protocol over gRPC, as an engine speaks it to a component (SELDON_V1 §3.8)."""

from functools import partial

from infergraph.graph.remote.exchange import OF_MODELS, Exchange, Exchanges, Subject
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.answered import joined
from infergraph.payloads.declared import declared_in
from infergraph.payloads.tensorflow_proto_call import (
    decode_metadata,
    decode_response,
    decode_status,
    encode_metadata_request,
    encode_request,
    encode_status_request,
)

_PREDICTIONS, _MODELS = "/tensorflow.serving.PredictionService", "/tensorflow.serving.ModelService"


def exchanges(subject: Subject) -> Exchanges:
    """What there is a call for: models, which transformers are too, and what these say of themselves."""
    model = subject.model
    predict = Exchange(
        f"{_PREDICTIONS}/Predict",
        lambda payload: encode_request(payload, model, declared_in(subject.metadata()), subject.signature),
        decode_response,
        partial(joined, path=subject.path),
    )
    return dict.fromkeys(OF_MODELS, predict) | {
        "health_status": Exchange(f"{_MODELS}/GetModelStatus", lambda _: encode_status_request(model), _status),
        "metadata": Exchange(
            f"{_PREDICTIONS}/GetModelMetadata", lambda _: encode_metadata_request(model), decode_metadata
        ),
    }


def _status(body: bytes) -> Payload:
    return Payload(decode_status(body), Encoding.JSON)
