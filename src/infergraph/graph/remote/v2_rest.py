"""The v2 protocol over REST, as an engine speaks it to a component (SELDON_V1 §3.5)."""

from functools import partial
from typing import Any
from urllib.parse import quote

from infergraph.graph.remote.exchange import FULL_HEALTH, OF_MODELS, Exchange, Exchanges, Subject
from infergraph.payloads import Encoding, Payload, json_text
from infergraph.payloads.answered import joined
from infergraph.payloads.declared import declared_in
from infergraph.payloads.v2_call import decode_metadata, decode_response, encode_request

BARE = b"[NaN]"  # as a question that writes such numbers bare


def exchanges(subject: Subject) -> Exchanges:
    """What there is a call for: models, which transformers are too, and what these say of themselves."""
    depth, base = subject.max_depth, f"/v2/models/{quote(subject.unit, safe='')}"
    infer = Exchange(
        f"{base}/infer",
        lambda payload: encode_request(payload, declared_in(subject.metadata()), BARE),
        partial(decode_response, max_depth=depth),
        partial(joined, path=subject.path),
    )
    return dict.fromkeys(OF_MODELS, infer) | {
        "health_status": Exchange(f"{base}/ready", None, partial(_status, max_depth=depth)),
        FULL_HEALTH: Exchange("/v2/health/ready", None, bytes),  # any 200 will do
        "metadata": Exchange(base, None, partial(decode_metadata, max_depth=depth)),
    }


def _status(body: bytes, max_depth: int) -> Payload:
    """What stands in an answer that is good by its status; mostly nothing does."""
    value: Any = json_text.decode(body, max_depth) if body.strip() else {"ready": True}
    return Payload(value, Encoding.JSON)
