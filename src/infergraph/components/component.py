"""The adapter between a unit of the graph and a plain Python object (SELDON_V1 §4.2, §4.3)."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec
import numpy as np

from infergraph.components.either import either
from infergraph.components.metadata import metadata_of
from infergraph.components.method import method_of
from infergraph.components.metrics import METHODS, NobodyAsks, Reporter
from infergraph.components.operation import Operation
from infergraph.components.reply import Reply, raw_route_of
from infergraph.components.rows_call import RowsCall
from infergraph.components.signature import adapted
from infergraph.errors import LoadError, SetupError
from infergraph.payloads import Encoding, Feedback, Payload
from infergraph.payloads.payload import JsonObject
from infergraph.payloads.seldon_message import json_object_of
from infergraph.payloads.table import table_of


class Component:
    """The code behind a unit.

    ``target`` is any object; what it can do is what methods it has: ``predict``, ``transform_input``,
    ``transform_output``, ``route``, ``aggregate``, ``send_feedback``, each also in the form ``*_raw`` that takes and
    gives whole messages as JSON objects. ``image`` is what the answer's ``meta.requestPath`` says.
    ``threads`` is how many calls may run at the same time. ``takes_table`` says that the target takes rows, as the
    prepackaged servers do: several named tensors reach it as the columns of one array. ``reporter`` is told the metrics
    that the target reports, and the rewards that it gets; unless ``shows_metrics`` they are not in the answers too.
    """

    def __init__(
        self,
        unit: str,
        target: object,
        *,
        image: str = "",
        threads: int = 1,
        takes_table: bool = False,
        reporter: Reporter | None = None,
        shows_metrics: bool = True,
    ) -> None:
        self.unit = unit
        self.target = target
        self.image = image
        self.path = {unit: image}
        """What the answer's ``meta.requestPath`` gets."""
        self.routing_key = unit
        """The unit's name in the ``meta.routing`` of an answer that a feedback is about."""
        self.threads = threads
        self._shows_metrics = shows_metrics
        self._takes_table = takes_table
        self.reporter: Reporter = reporter or NobodyAsks()
        self._metadata: JsonObject | None = None

    def load(self) -> None:
        """Call the target's own ``load``, where it has one.

        :raises SetupError: when that raises; a LoadError, or the kind that it raised.
        """
        if (load := method_of(self.target, "load")) is None:
            return
        try:
            load()
        except SetupError as error:
            raise type(error)(f"unit `{self.unit}`: {error}") from error
        except (Exception, SystemExit) as error:
            raise LoadError(f"unit `{self.unit}`: load() raised {type(error).__name__}: {error}") from error

    def predict(self) -> Operation | None:
        """Rows in, rows out. None when the target cannot.

        A target that says ``rows_are_independent`` may be called for several requests at once, unless it wants to know
        more of each than rows and names, or says more than rows. The same holds for the two that follow.
        """
        reply = self.reply("predict")
        return self._of_rows("predict", reply, reply.with_class_names)

    def transform_input(self) -> Operation | None:
        """As `predict`; the answer keeps the names of the question."""
        reply = self.reply("transform_input")
        return self._of_rows("transform_input", reply, reply.with_feature_names)

    def transform_output(self) -> Operation | None:
        """As `predict`."""
        reply = self.reply("transform_output")
        return self._of_rows("transform_output", reply, reply.with_class_names)

    def route(self) -> Operation | None:
        """A payload in, the number of a branch out."""
        raw = self._as_raw("route", _raw_argument, lambda _, result: raw_route_of(result, self.unit))
        return _first_of(raw, lambda: self._on_payload("route", self.reply("route").of_route))

    def aggregate(self) -> Operation | None:
        """The answers of all children in, one payload out."""
        raw = self._as_raw("aggregate", lambda payloads: ([json_object_of(p) for p in payloads],))
        return _first_of(raw, self._aggregate)

    def _aggregate(self) -> Operation | None:
        if (method := self._method("aggregate")) is None:
            return None
        function, takes_meta = adapted(method, 2, "meta", self._where("aggregate"))
        arguments = _aggregate_arguments if takes_meta else _without_last(_aggregate_arguments)
        return self._operation("aggregate", function, arguments, self.reply("aggregate").of_aggregate)

    def send_feedback(self) -> Operation:
        """A feedback in, a payload out. A target without the method takes it and says nothing."""
        answer = self._rewarded(self.reply("send_feedback").raw)
        raw = self._as_raw("send_feedback", lambda feedback: (feedback.message,), answer)
        operation = _first_of(raw, self._send_feedback)
        assert operation is not None  # noqa: S101 - the second always is one
        return operation

    def _send_feedback(self) -> Operation:
        method = self._method("send_feedback") or _ignore
        function, takes_routing = adapted(method, 4, "routing", self._where("send_feedback"))
        arguments = self._feedback_arguments if takes_routing else _without_last(self._feedback_arguments)
        answer = self._rewarded(self.reply("send_feedback").of_feedback)
        return self._operation("send_feedback", function, arguments, answer)

    def health(self) -> Operation:
        """Nothing in, a payload out: what the target says of its own health, or that it is healthy."""
        reply = self.reply("health_status")
        if raw := self._raw("health_status"):
            return self._operation("health_status", raw, lambda _: (), reply.raw)
        method = self._method("health_status") or _healthy
        return self._operation("health_status", method, lambda _: (), reply.of_health)

    def metadata(self) -> JsonObject:
        """What the unit says of itself (SELDON_V1 §4.3); the target is asked once.

        :raises ComponentFailed: when the target's ``init_metadata`` raises, or gives what is no JSON object.
        """
        if self._metadata is None:
            self._metadata = metadata_of(self.target, unit=self.unit, image=self.image)
        return self._metadata

    def _of_rows(self, name: str, reply: Reply, answer: Callable[[Payload, Any], Any]) -> Operation | None:
        """An operation on one payload, and on the rows of several where the target allows it."""
        operation = self._transform(name, answer)
        if operation is None or operation.is_async or self._raw(name) or reply.has_own_meta:
            return operation
        if getattr(self.target, "rows_are_independent", False) is not True or self._takes_meta(name):
            return operation
        return msgspec.structs.replace(operation, together=self._together(operation))

    def _transform(self, name: str, answer: Callable[[Payload, Any], Any]) -> Operation | None:
        """An operation on one payload: ``method(X, names, meta=)``, where the method takes them."""
        return _first_of(self._as_raw(name, _raw_argument), lambda: self._on_payload(name, answer))

    def _on_payload(self, name: str, answer: Callable[[Payload, Any], Any]) -> Operation | None:
        if (method := self._method(name)) is None:
            return None
        function, takes_meta = adapted(method, 2, "meta", self._where(name))
        arguments = _arguments_with_meta if takes_meta else _arguments
        return self._operation(name, function, _of_table(arguments) if self._takes_table else arguments, answer)

    def _together(self, operation: Operation) -> RowsCall:
        """The call for several requests. A prepackaged server divides its own in what refuses one and what answers."""
        predict = getattr(self.target, "predict_prepared", None) if operation.name == "predict" else None
        if predict is None:
            return RowsCall(self.unit, operation.arguments, operation.function)
        return RowsCall(self.unit, operation.arguments, predict, getattr(self.target, "prepare", None))

    def _takes_meta(self, name: str) -> bool:
        method = self._method(name)
        return method is not None and adapted(method, 2, "meta", self._where(name))[1]

    def reply(self, operation: str) -> Reply:
        """What builds the replies of an operation."""
        report = partial(self.reporter.metrics, METHODS[operation])
        return Reply(self.unit, self.path, self.target, report, shows_metrics=self._shows_metrics)

    def _rewarded(self, answer: Callable[[Feedback, Any], Payload]) -> Callable[[Feedback, Any], Payload]:
        def reply(feedback: Feedback, result: Any) -> Payload:
            self.reporter.feedback(feedback.reward)
            return answer(feedback, result)

        return reply

    def _where(self, name: str) -> str:
        return f"unit `{self.unit}`: {type(self.target).__name__}.{name}"

    def _method(self, name: str) -> Callable[..., Any] | None:
        return method_of(self.target, name)

    def _raw(self, name: str) -> Callable[..., Any] | None:
        return method_of(self.target, f"{name}_rest") or method_of(self.target, f"{name}_raw")

    def _as_raw(
        self,
        name: str,
        arguments: Callable[[Any], tuple[Any, ...]],
        answer: Callable[[Any, Any], Any] | None = None,
    ) -> Operation | None:
        """The operation on whole messages, where the target has the method."""
        raw = self._raw(name)
        return raw and self._operation(name, raw, arguments, answer or self.reply(name).raw)

    def _operation(
        self,
        name: str,
        function: Callable[..., Any],
        arguments: Callable[[Any], tuple[Any, ...]],
        answer: Callable[[Any, Any], Any],
    ) -> Operation:
        return Operation(self.unit, name, function, arguments, answer)

    def _feedback_arguments(self, feedback: Feedback) -> tuple[Any, ...]:
        request = feedback.request
        routing = (feedback.response.meta.routing or {}).get(self.routing_key)
        return (_array_of(request), request.names, feedback.reward, _array_of(feedback.truth), routing)


def _first_of(raw: Operation | None, make: Callable[[], Operation | None]) -> Operation | None:
    """The operation on whole messages where there is one, and then the other when that is not implemented."""
    if raw is None:
        return make()
    try:
        operation = make()
    except LoadError:  # a method that nobody calls may be as it likes
        return raw
    return either(raw, operation) if operation is not None else raw


def _arguments(payload: Payload) -> tuple[Any, ...]:
    return (payload.data, payload.names)


def _arguments_with_meta(payload: Payload) -> tuple[Any, ...]:
    return (payload.data, payload.names, _meta_of(payload))


def _of_table(arguments: Callable[[Payload], tuple[Any, ...]]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda payload: arguments(table_of(payload))


def _without_last(arguments: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda question: arguments(question)[:-1]


def _meta_of(payload: Payload) -> JsonObject:
    meta = payload.meta
    fields = {
        "puid": meta.puid,
        "tags": meta.tags,
        "routing": meta.routing,
        "requestPath": meta.request_path,
        "metrics": meta.metrics,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _raw_argument(payload: Payload) -> tuple[Any, ...]:
    return (json_object_of(payload),)


def _aggregate_arguments(payloads: Sequence[Payload]) -> tuple[Any, ...]:
    return ([payload.data for payload in payloads], [payload.names for payload in payloads], _meta_of(payloads[0]))


def _array_of(payload: Payload) -> Any:
    return payload.data if payload.is_array and payload.encoding is not Encoding.NONE else np.empty(0)


def _ignore(*_: Any) -> None:
    return None


def _healthy() -> str:
    return "healthy"
