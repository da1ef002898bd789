"""What a protobuf message carries beside its data: meta and status (SELDON_V1 §4.1)."""

from typing import Any

from google.protobuf import json_format

from infergraph.payloads import json_text, list_value
from infergraph.payloads.payload import NO_META, JsonObject, Meta
from infergraph.payloads.protos import Metric

_TYPES = Metric.DESCRIPTOR.enum_types_by_name["MetricType"]


def meta_of(message: Any) -> Meta:
    """The meta of a SeldonMessage; what is empty is absent, as protobuf knows no difference."""
    if not message.HasField("meta"):
        return NO_META
    meta = message.meta
    return Meta(
        metrics=[_metric(metric) for metric in meta.metrics] or None,
        puid=meta.puid or None,
        request_path=dict(meta.requestPath) or None,
        routing=dict(meta.routing) or None,
        tags={key: list_value.plain(value) for key, value in meta.tags.items()} or None,
    )


def status_of(message: Any) -> JsonObject | None:
    """The status of a SeldonMessage as JSON."""
    if not message.HasField("status"):
        return None
    status: JsonObject = json_format.MessageToDict(message.status)
    return status


def fill_meta(message: Any, meta: Meta) -> None:
    """Write into a Meta. :raises ValueError: when a value does not fit; also TypeError."""
    message.SetInParent()
    if meta.puid:
        message.puid = meta.puid
    for key, value in (meta.tags or {}).items():
        list_value.fill(message.tags[key], json_text.plain(value))
    message.routing.update(meta.routing or {})
    message.requestPath.update(meta.request_path or {})
    for metric in meta.metrics or []:
        _fill_metric(message.metrics.add(), metric)


def fill_status(message: Any, status: JsonObject) -> None:
    """Write into a Status. :raises ParseError: protobuf's own, when a field has another type."""
    json_format.ParseDict(json_text.plain(status), message, ignore_unknown_fields=True)


def _metric(metric: Any) -> JsonObject:
    known = _TYPES.values_by_number.get(metric.type)
    fields = {"key": metric.key, "type": known.name if known else metric.type, "value": metric.value}
    return {**fields, "tags": dict(metric.tags)} if metric.tags else fields


def _fill_metric(message: Any, metric: JsonObject) -> None:
    message.key = metric["key"]
    message.type = _TYPES.values_by_name[metric["type"]].number
    message.value = float(metric["value"])
    message.tags.update({key: str(value) for key, value in (metric.get("tags") or {}).items()})
