"""What a component returned, as the payload that goes on (SELDON_V1 §4.2, Building the reply)."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from infergraph.components.method import own
from infergraph.components.metrics import checked_metrics, raw_metrics
from infergraph.errors import BadAnswer, BadMessage, VerbatimAnswer
from infergraph.payloads import Encoding, Feedback, Meta, Payload, json_text
from infergraph.payloads.arrays import holds_bytes, is_numeric
from infergraph.payloads.payload import ARRAY_ENCODINGS, NO_META, Array, JsonObject, merged
from infergraph.payloads.seldon_message import parsed, payload_of


class Said(Protocol):
    """What a component returns to say tags and metrics of one call, as the v1 wrapper's SeldonResponse does."""

    data: Any
    tags: JsonObject | None
    metrics: list[JsonObject] | None


def taken_apart(result: Any) -> tuple[Any, Said | None]:
    """The data that a component returned, and what it said of this call beside them.

    Any object with ``data``, ``tags`` and ``metrics`` says something.
    """
    if isinstance(result, _PLAIN) or not (hasattr(result, "tags") and hasattr(result, "metrics")):
        return result, None
    return (result.data, result) if hasattr(result, "data") else (result, None)


_PLAIN = (np.ndarray, list, dict, str, bytes)


class Reply:
    """Builds the replies of one operation of a unit.

    ``path`` is what the unit adds to the request path. ``report`` is told the metrics of each reply, which shows them
    too if ``shows_metrics``. ``has_own_meta`` tells whether its target says tags or metrics of each call.
    """

    def __init__(
        self,
        unit: str,
        path: dict[str, str],
        target: object,
        report: Callable[[Sequence[JsonObject]], None],
        *,
        shows_metrics: bool = True,
    ) -> None:
        self.report = report
        self._unit = unit
        self._path = path
        self._shows_metrics = shows_metrics
        self._last_meta = NO_META, Meta(request_path=self._path or None)
        self._class_names = own(target, "class_names")
        self._feature_names = own(target, "feature_names")
        self._tags = own(target, "tags")
        self._metrics = own(target, "metrics")
        self.has_own_meta = callable(self._tags) or callable(self._metrics)

    def with_class_names(self, question: Payload, result: Any) -> Payload:
        """The reply of a model, an output transformer or a combiner: columns are classes."""
        data, said = taken_apart(result)
        return self._payload(question.encoding, data, self._meta(question.meta, said), None)

    def with_feature_names(self, question: Payload, result: Any) -> Payload:
        """The reply of an input transformer: columns are features."""
        names = _names(self._feature_names)
        data, said = taken_apart(result)
        meta = self._meta(question.meta, said)
        return self._payload(question.encoding, data, meta, question.names if names is None else names)

    def of_aggregate(self, questions: Sequence[Payload], result: Any) -> Payload:
        """The reply of a combiner: the encoding of the first child, the meta of all of them."""
        data, said = taken_apart(result)
        meta = self._meta(_joined([question.meta for question in questions]), said)
        return self._payload(questions[0].encoding, data, meta, None)

    def of_feedback(self, feedback: Feedback, result: Any) -> Payload:
        """The reply to a feedback: nothing, in the encoding of the request that it is about."""
        encoding = feedback.request.encoding
        if encoding not in ARRAY_ENCODINGS or encoding is Encoding.NONE:
            encoding = Encoding.TENSOR
        data, said = taken_apart(result)
        return self._payload(encoding, np.empty(0) if data is None else data, self._meta(NO_META, said), None)

    def of_health(self, _: None, result: Any) -> Payload:
        """The reply to a question for health."""
        data, said = taken_apart(result)
        return self._payload(Encoding.NONE, data, self._meta(NO_META, said), None)

    def raw(self, _: Any, result: Any) -> Payload:
        """The reply of a raw method: the message that it returned, as it is.

        :raises VerbatimAnswer: when the message has a ``status.code``.
        """
        if hasattr(result, "SerializeToString"):  # protobuf is there, or nobody could have made this
            from google.protobuf import json_format

            result = json_format.MessageToDict(result)
        status = result.get("status") if isinstance(result, dict) else None
        if isinstance(status, dict) and type(code := status.get("code")) is int and 200 <= code <= 599 and code != 200:
            raise VerbatimAnswer(code, json_text.encode(result))
        try:
            payload = _raw_payload(json_text.plain(result))
        except (BadMessage, TypeError) as error:
            raise BadAnswer(f"Unit `{self._unit}` returned no SeldonMessage: {error}") from error
        if metrics := raw_metrics(payload.meta.metrics):
            self.report(metrics)
        return payload

    def of_route(self, _: Payload, result: Any) -> int:
        """The branch that a router chose. :raises BadAnswer: when that is none."""
        data, said = taken_apart(result)
        self._own_metrics(said)
        return route_of(data, self._unit)

    def of_route_message(self, question: Payload, result: Any) -> Payload:
        """The branch that a router chose, as a message: one number, and of the question's meta its puid only.

        :raises BadAnswer: when that is none.
        """
        data, said = taken_apart(result)
        branch = route_of(data, self._unit)
        encoding = question.encoding if question.encoding in ARRAY_ENCODINGS else Encoding.TENSOR
        puid = question.meta.puid
        meta = self._meta(NO_META if puid is None else Meta(puid=puid), said)
        return self._payload(encoding, np.array([[branch]]), meta, None)

    def _payload(self, encoding: Encoding, result: Any, meta: Meta, names: list[str] | None) -> Payload:
        if isinstance(result, np.ndarray):
            array = result
        elif isinstance(result, str):
            return Payload(result, Encoding.TEXT, [], meta)
        elif isinstance(result, dict):
            return Payload(result, Encoding.TENSORS if _is_tensors(result) else Encoding.JSON, [], meta)
        elif _is_any(result):
            return Payload(result, Encoding.CUSTOM, [], meta)
        elif isinstance(result, bytes | bytearray):
            return Payload(bytes(result), Encoding.BYTES, [], meta)
        else:
            try:
                array, names = self._array(result, names)
            except ValueError as error:
                if encoding is Encoding.JSON:  # lists of unequal length are JSON all the same
                    return Payload(result, Encoding.JSON, [], meta)
                raise BadAnswer(f"Unit `{self._unit}` returned lists of unequal length: {error}") from error
        return self._array_payload(encoding, array.reshape(1) if array.ndim == 0 else array, meta, names)

    def _array_payload(self, encoding: Encoding, array: Array, meta: Meta, names: list[str] | None) -> Payload:
        if encoding in _UNNUMBERED:
            encoding = Encoding.V2 if encoding is Encoding.TENSORS else encoding
            return Payload(array, encoding, names or _names(self._class_names) or [], meta)
        if not is_numeric(array):
            is_strings = encoding is Encoding.TFTENSOR and holds_bytes(array)  # which no other array of ours says
            encoding = Encoding.TFTENSOR if is_strings else Encoding.NDARRAY
        elif encoding not in ARRAY_ENCODINGS or encoding is Encoding.NONE:
            encoding = Encoding.TENSOR
        return Payload(array, encoding, self._columns(array) if names is None else names, meta)

    def _array(self, result: Any, names: list[str] | None) -> tuple[Array, list[str] | None]:
        if hasattr(result, "to_numpy"):  # a pandas or polars table: it knows its columns
            columns = getattr(result, "columns", None)
            return result.to_numpy(), names if columns is None else [str(column) for column in columns]
        if not isinstance(result, list | tuple):
            raise BadMessage(f"Unknown data type returned as payload (must be list or np array):{_brief(result)}")
        array = np.array(result)
        return (np.array(result, dtype=object) if array.dtype.kind in "US" else array), names

    def _columns(self, array: Array) -> list[str]:
        if array.ndim < 2:
            return []
        names = _names(self._class_names)
        return names if names is not None else _numbered(array.shape[1])

    def _meta(self, meta: Meta, said: Said | None) -> Meta:
        """The meta of the question with this unit's own added; the routing is the walk's, not the unit's."""
        if said is not None or self.has_own_meta:
            return self._merged_meta(meta, said)
        before, after = self._last_meta
        if meta is not before:  # mostly it is: none at all, or that of the unit before
            after = self._merged_meta(meta, None)
            self._last_meta = meta, after
        return after

    def _merged_meta(self, meta: Meta, said: Said | None) -> Meta:
        tags = self._own_tags()
        return Meta(
            metrics=(meta.metrics or []) + self._own_metrics(said) or None,
            puid=meta.puid,
            request_path={**self._path, **(meta.request_path or {})} or None,
            tags=merged(meta.tags, tags if said is None else merged(tags, said.tags)),
        )

    def _own_tags(self) -> JsonObject | None:
        return self._tags() if callable(self._tags) else None

    def _own_metrics(self, said: Said | None) -> list[JsonObject]:
        """What the unit reports with this reply, as far as the reply shows it."""
        metrics = checked_metrics(self._metrics(), self._unit) if callable(self._metrics) else []
        if said is not None and said.metrics is not None:
            metrics = metrics + checked_metrics(said.metrics, self._unit)
        if metrics:
            self.report(metrics)
        return metrics if self._shows_metrics else []


def _raw_payload(message: Any) -> Payload:
    if isinstance(message, dict) and message and message.keys() <= {"meta", "status"}:
        part = parsed(message)
        return Payload(np.empty(0), Encoding.NONE, [], part.meta or NO_META, part.status)
    return payload_of(message)


def raw_route_of(result: Any, unit: str) -> int:
    """The branch in a raw method's answer: of a message or a list the first number counts (SELDON_V1 §3.2).

    :raises BadAnswer: when there is none.
    """
    return route_of(_first_number(result, unit) if isinstance(result, dict | list) else result, unit)


def first_branch(data: Any, unit: str) -> int:
    """The branch that the data of a message name: their first number. :raises BadAnswer: when there is none."""
    return route_of(_first_of(data, unit), unit)


def route_of(result: Any, unit: str) -> int:
    """The branch that a router chose: -1 is all, -2 is none, N a child.

    :raises BadAnswer: when that is no integer.
    """
    if isinstance(result, int | np.integer) and not isinstance(result, bool):
        return int(result)
    raise BadAnswer(f"Unit `{unit}`: Routing response must be int but got {result!r:.100}")


def _first_number(result: JsonObject | list[Any], unit: str) -> Any:
    values: Any = result
    if isinstance(result, dict):
        if "data" not in result:
            return -1
        values = payload_of(result).data
    return _first_of(values, unit)


def _first_of(values: Any, unit: str) -> Any:
    flat = np.asarray(values).ravel()
    if not flat.size:
        raise BadAnswer(f"Unit `{unit}` returned an empty route; it must name a branch: -1 (all), -2 (none) or a child")
    return int(flat[0]) if is_numeric(flat) and np.isfinite(flat[0]) else flat[0]


def _joined(metas: Sequence[Meta]) -> Meta:
    """The meta of several answers as one (SELDON_V1 §4.2): tags, paths and metrics of all, the first puid."""
    tags = request_path = None
    metrics: list[JsonObject] = []
    for meta in metas:
        tags = merged(tags, meta.tags)
        request_path = merged(request_path, meta.request_path)
        metrics += meta.metrics or []
    return Meta(metrics=metrics or None, puid=metas[0].puid, request_path=request_path, tags=tags)


_UNNUMBERED = frozenset({Encoding.V2, Encoding.TF, Encoding.TENSORS})
"""Encodings that have no place for names of columns: to number a million of them takes longer than the request."""


def _is_tensors(result: dict[Any, Any]) -> bool:
    """Whether these are arrays by name: several outputs, where the protocol has them."""
    return bool(result) and all(isinstance(k, str) and isinstance(v, np.ndarray) for k, v in result.items())


def _is_any(result: Any) -> bool:
    """Whether this is protobuf's Any, of whichever class."""
    descriptor = getattr(result, "DESCRIPTOR", None)
    return getattr(descriptor, "full_name", None) == "google.protobuf.Any"


def _brief(result: Any) -> str:
    """What a component returned, for a message: a plain value itself, and only the type of what has an address."""
    if result is None or isinstance(result, int | float | complex | np.generic | type):
        return f"{result!s:.100}"
    return type(result).__name__


def _names(given: Any) -> list[str] | None:
    """The names that a component gives by a method or, in the old way, by an attribute."""
    names = given() if callable(given) else given
    return None if names is None else [str(name) for name in names]


MOST_NUMBERED = 10_000
_known_widths: dict[int, list[str]] = {}


def _numbered(width: int) -> list[str]:
    """The names that columns have when nobody names them (SELDON_V1 §4.2); so many that nobody reads them have none."""
    if width > MOST_NUMBERED:
        return []
    names = _known_widths.get(width)
    if names is None:
        names = [f"t:{column}" for column in range(width)]
        if width <= 1024 and len(_known_widths) < 256:
            _known_widths[width] = names
    return names
