"""One operation of a component, as a protocol has it over a transport."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from infergraph.payloads.payload import JsonObject


class Subject(msgspec.Struct, frozen=True):
    """Whom a protocol asks: a unit, after which its model is called where models have names, unless ``own_name`` is.

    ``path`` is what the unit adds to the request path where it does not do so itself, ``max_depth`` how deep JSON of
    answers nests, and ``metadata`` what it has said of itself so far.
    ``signature`` is the one of TensorFlow's that is asked, empty for its default.
    """

    unit: str
    path: dict[str, str]
    max_depth: int
    metadata: Callable[[], JsonObject]
    own_name: str = ""
    signature: str = ""

    @property
    def model(self) -> str:
        """What the model is called."""
        return self.own_name or self.unit


class Exchange(msgspec.Struct, frozen=True):
    """What is asked at ``path``: ``encode`` writes the question, and ``decode`` reads the answer.

    Without ``encode`` nothing is sent: over REST it is a GET. ``decode`` raises `BadMessage` when it is no answer.
    ``joined`` puts onto an answer what stood beside the data of its question, in protocols that do not carry that.
    """

    path: str
    encode: Callable[[Any], bytes] | None
    decode: Callable[[bytes], Any]
    joined: Callable[[Any, Any], Any] | None = None


Exchanges = Mapping[str, Exchange]
"""Those that a protocol has, by operation."""
FULL_HEALTH = "full_health"
"""The operation that tells whether a component is well, in a protocol that has one (SELDON_V1 §3.6)."""
OF_MODELS = ("predict", "transform_input", "transform_output")
"""Operations that are one and the same in protocols that know only models (SELDON_V1 §3.5)."""
PASSING = "predict_json"
"""A prediction whose question and answer are the JSON of SeldonMessages, passed on as it is."""
