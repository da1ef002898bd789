"""An AdmissionReview of admission.k8s.io, and its answer."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
import structlog
from msgspec import Struct

from infergraph.declaration import GROUP
from infergraph.kubernetes.crd.definition import PLURAL
from infergraph.kubernetes.webhook.judgement import Judgement

log = structlog.get_logger(__name__)

CONTROLLER_ID: Final = "seldon.io/controller-id"
"""The label that says which operator a deployment belongs to (SELDON_V1 §2.9)."""
VERSIONS: Final = ("admission.k8s.io/v1", "admission.k8s.io/v1beta1")
_SHOWN: Final = 20
_WARNING_CHARACTERS: Final = 256
"""What is longer is cut by the API server."""

Judge = Callable[[str], Judgement]
"""From an object as JSON to what is wrong with it."""


class BadReview(Exception):
    """Raised when a body is no AdmissionReview; the sentence says what was expected and what came."""


class _Resource(Struct, frozen=True):
    group: str = ""
    resource: str = ""


class _Request(Struct, frozen=True, kw_only=True, rename="camel"):
    uid: str
    operation: str
    resource: _Resource = _Resource()
    sub_resource: str | None = None
    namespace: str = ""
    object: msgspec.Raw = msgspec.Raw(b"null")
    old_object: msgspec.Raw = msgspec.Raw(b"null")


class _Review(Struct, frozen=True, kw_only=True, rename="camel"):
    request: _Request
    api_version: str
    kind: str


class _Metadata(Struct, frozen=True, rename="camel"):
    labels: dict[str, Any] | None = None
    annotations: dict[str, Any] | None = None
    deletion_timestamp: str | None = None


class _Object(Struct, frozen=True):
    """As much of an object as decides whether it is judged."""

    metadata: _Metadata | None = None
    spec: Any = None

    @property
    def meta(self) -> _Metadata:
        return self.metadata or _Metadata()


class Scope(Struct, frozen=True):
    """Which deployments are this operator's: of one namespace or, where it is empty, of all; and with that label."""

    namespace: str = ""
    controller_id: str = ""


def answer(body: bytes, judge: Judge, scope: Scope) -> bytes:
    """The answer to an AdmissionReview, as JSON.

    What is not this operator's passes. An update that leaves the spec as it is passes too, with the problems as
    warnings: what was stored before there was a webhook can be labelled, and deleted.

    :raises BadReview: when the body is none.
    """
    review = _review(body)
    verdict = _verdict(review.request, judge, scope)
    response: dict[str, Any] = {"uid": review.request.uid, "allowed": not verdict.problems}
    if verdict.problems:
        message = "\n".join(_shown(verdict.problems))
        response["status"] = {"status": "Failure", "reason": "Invalid", "code": 422, "message": message}
    if verdict.warnings:
        response["warnings"] = [_short(one) for one in _shown(verdict.warnings)]
    return msgspec.json.encode({"apiVersion": review.api_version, "kind": review.kind, "response": response})


def _review(body: bytes) -> _Review:
    try:
        review = msgspec.json.decode(body, type=_Review)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise BadReview(f"expected an AdmissionReview of {' or '.join(VERSIONS)} as JSON: {error}") from None
    if review.kind != "AdmissionReview" or review.api_version not in VERSIONS:
        came = f"{review.kind!r:.80} of {review.api_version!r:.80}"
        raise BadReview(f"expected an AdmissionReview of {' or '.join(VERSIONS)}, got {came}")
    return review


def _verdict(request: _Request, judge: Judge, scope: Scope) -> Judgement:
    if request.operation not in ("CREATE", "UPDATE") or request.sub_resource:
        return Judgement()
    if (request.resource.group, request.resource.resource) != (GROUP, PLURAL):
        return Judgement(warnings=("this webhook judges SeldonDeployments, and nothing else",))
    try:
        return _of_object(request, judge, scope)
    except Exception as error:
        log.exception("a SeldonDeployment could not be judged", namespace=request.namespace)
        return Judgement(warnings=(f"it was not checked, for a fault of ours: {type(error).__name__}: {error}",))


def _of_object(request: _Request, judge: Judge, scope: Scope) -> Judgement:
    new, old = _decoded(request.object), _decoded(request.old_object)
    if new is None:
        return judge(_text(request.object))  # it is no object, or its metadata are not: the sentence says so
    if new.meta.deletion_timestamp or not _is_ours(request, new.meta, scope):
        return Judgement()
    found = judge(_text(request.object))
    if found.problems and request.operation == "UPDATE" and old is not None and _is_as_before(new, old):
        return Judgement(warnings=(*found.problems, *found.warnings))
    return found


def _decoded(raw: msgspec.Raw) -> _Object | None:
    try:
        return msgspec.json.decode(raw, type=_Object | None)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def _is_ours(request: _Request, meta: _Metadata, scope: Scope) -> bool:
    controller_id = (meta.labels or {}).get(CONTROLLER_ID) or ""
    return scope.namespace in ("", request.namespace) and controller_id == scope.controller_id


def _is_as_before(new: _Object, old: _Object) -> bool:
    return new.spec == old.spec and (new.meta.annotations or {}) == (old.meta.annotations or {})


def _text(raw: msgspec.Raw) -> str:
    return bytes(raw).decode(errors="replace")


def _shown(sentences: tuple[str, ...]) -> list[str]:
    more = len(sentences) - _SHOWN
    return [*sentences[:_SHOWN], *([f"and {more} more: see `infergraph validate`"] if more > 0 else [])]


def _short(sentence: str) -> str:
    line = " ".join(sentence.split())
    return line if len(line) <= _WARNING_CHARACTERS else f"{line[: _WARNING_CHARACTERS - 1]}…"
