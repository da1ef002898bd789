"""Which limits hold for a deployment: flag or environment, else the manifest's annotation, else the default."""

from collections.abc import Mapping
from typing import get_type_hints

import msgspec

from infergraph.declaration import EndpointType, SeldonDeployment
from infergraph.errors import BadManifest
from infergraph.graph.remote import CallLimits
from infergraph.servers.grpc_target import TIMEOUT as GRPC_TIMEOUT
from infergraph.servers.grpc_target import GrpcTarget
from infergraph.servers.limits import Limits
from infergraph.servers.served import Served

PREFIX = "infergraph.io/"
REST_TIMEOUT = "seldon.io/rest-timeout"
GRPC_MESSAGE_BYTES = "seldon.io/grpc-max-message-size"


def limits_for(deployment: SeldonDeployment, given: Mapping[str, float]) -> Limits:
    """The limits of one deployment. ``given`` holds what flags or environment variables set, by field name.

    The annotation of ``body_bytes`` is ``infergraph.io/body-bytes``, and so on.

    :raises BadManifest: when an annotation is no number above zero.
    """
    values: dict[str, float] = {}
    for field, kind in get_type_hints(Limits).items():
        key = PREFIX + field.replace("_", "-")
        if (text := deployment.annotation(key)) is not None:
            values[field] = _number(text, kind, key)
    return _limits({**values, **given})


def widest(limits: list[Limits]) -> Limits:
    """The limits of a connection, of which nobody knows yet which deployment it wants: the most that any grants."""
    fields = Limits.__struct_fields__
    return _limits({field: max(getattr(one, field) for one in limits) for field in fields})


def timeout_of(deployment: SeldonDeployment, annotation: str = REST_TIMEOUT) -> float | None:
    """The deadline of a request in seconds, from an annotation in milliseconds.

    :raises BadManifest: when that is no number above zero.
    """
    text = deployment.annotation(annotation)
    return None if text is None else _number(text, int, annotation) / 1000


def call_limits(deployment: SeldonDeployment, limits: Limits) -> dict[EndpointType, CallLimits]:
    """What limits one call of a unit in another process, by what it is made over.

    :raises BadManifest: when an annotation is no number above zero.
    """

    def over(annotation: str, answer_bytes: int) -> CallLimits:
        return CallLimits(
            timeout_s=timeout_of(deployment, annotation),
            annotation=annotation,
            answer_bytes=answer_bytes,
            json_depth=limits.json_depth,
        )

    return {
        EndpointType.REST: over(REST_TIMEOUT, limits.body_bytes),
        EndpointType.GRPC: over(GRPC_TIMEOUT, message_bytes_of(deployment, limits)),
    }


def message_bytes_of(deployment: SeldonDeployment, limits: Limits) -> int:
    """The largest message over gRPC: that of a body, unless an annotation says another.

    :raises BadManifest: when that is no number above zero.
    """
    text = deployment.annotation(GRPC_MESSAGE_BYTES)
    return limits.body_bytes if text is None else int(_number(text, int, GRPC_MESSAGE_BYTES))


def grpc_target(served: Served) -> GrpcTarget:
    """A deployment as gRPC serves it.

    :raises BadManifest: when an annotation is no number above zero.
    """
    deployment = served.deployment
    size = message_bytes_of(deployment, served.limits)
    return GrpcTarget(served, message_bytes=size, timeout_s=timeout_of(deployment, GRPC_TIMEOUT))


def _limits(values: Mapping[str, float]) -> Limits:
    try:
        return msgspec.convert(dict(values), Limits)
    except msgspec.ValidationError as error:
        raise BadManifest(f"a limit is out of range: {error}") from None


def _number(text: str, kind: type, key: str) -> float:
    try:
        number: float = kind(text)
    except ValueError:
        number = 0
    if number <= 0:
        raise BadManifest(f"annotation {key}: expected a number above zero, got {text!r}")
    return number
