"""TensorFlow Serving's protocol over REST, as an engine speaks it to a component (SELDON_V1 §3.5)."""

from functools import partial
from urllib.parse import quote

from infergraph.graph.remote.exchange import OF_MODELS, Exchange, Exchanges, Subject
from infergraph.graph.remote.v2_rest import BARE
from infergraph.payloads import Encoding, Payload, json_text
from infergraph.payloads.answered import joined
from infergraph.payloads.declared import declared_in
from infergraph.payloads.tensorflow_call import decode_answer, decode_metadata, encode_request


def exchanges(subject: Subject) -> Exchanges:
    """What there is a call for: models, which transformers are too, and what these say of themselves."""
    depth, base = subject.max_depth, f"/v1/models/{quote(subject.model, safe='')}"
    predict = Exchange(
        f"{base}:predict",
        lambda payload: encode_request(payload, declared_in(subject.metadata()), BARE, subject.signature),
        partial(decode_answer, max_depth=depth),
        partial(joined, path=subject.path),
    )
    return dict.fromkeys(OF_MODELS, predict) | {
        "health_status": Exchange(base, None, partial(_status, max_depth=depth)),
        "metadata": Exchange(f"{base}/metadata", None, partial(decode_metadata, max_depth=depth)),
    }


def _status(body: bytes, max_depth: int) -> Payload:
    return Payload(json_text.decode(body, max_depth), Encoding.JSON)
