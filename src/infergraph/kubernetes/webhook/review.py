"""An AdmissionReview of admission.k8s.io, and its answer."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
import structlog
from msgspec import Struct

from infergraph.declaration import GROUP
from infergraph.kubernetes.crd.definition import PLURAL
from infergraph.kubernetes.operator.operator import Scope
from infergraph.kubernetes.operator.owners import CONTROLLER_ID
from infergraph.kubernetes.webhook.judgement import Judgement

log = structlog.get_logger(__name__)

VERSIONS: Final = ("admission.k8s.io/v1", "admission.k8s.io/v1beta1")
_SHOWN: Final = 20
_WARNING_CHARACTERS: Final = 256
"""What is longer is cut by the API server."""

Judge = Callable[[Any], Judgement]
"""From an object, whatever it is, to what is wrong with it."""


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
    object: Any = None
    old_object: Any = None


class _Review(Struct, frozen=True, kw_only=True, rename="camel"):
    request: _Request
    api_version: str
    kind: str


class Answer(Struct, frozen=True):
    """The answer to a review, as JSON, and whether it is a yes."""

    body: bytes
    is_allowed: bool


def answer(body: bytes, judge: Judge, scope: Scope) -> Answer:
    """The answer to an AdmissionReview.

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
    whole = {"apiVersion": review.api_version, "kind": review.kind, "response": response}
    return Answer(msgspec.json.encode(whole), not verdict.problems)


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
    if _metadata(request.object, "deletionTimestamp") or not _is_ours(request, scope):
        return Judgement()
    found = judge(request.object)
    if found.problems and request.operation == "UPDATE" and _is_as_before(request):
        return Judgement(warnings=(*found.problems, *found.warnings))
    return found


def _is_ours(request: _Request, scope: Scope) -> bool:
    labels = _metadata(request.object, "labels")
    controller_id = labels.get(CONTROLLER_ID) if isinstance(labels, dict) else None
    is_watched = not scope.namespaces or request.namespace in scope.namespaces
    return is_watched and (controller_id or "") == scope.controller_id


def _is_as_before(request: _Request) -> bool:
    new, old = request.object, request.old_object
    if not isinstance(new, dict) or not isinstance(old, dict):
        return False
    annotations = (_metadata(one, "annotations") or {} for one in (new, old))
    return new.get("spec") == old.get("spec") and next(annotations) == next(annotations)


def _metadata(one: Any, field: str) -> Any:
    """A field of an object's metadata, whatever the object is."""
    metadata = one.get("metadata") if isinstance(one, dict) else None
    return metadata.get(field) if isinstance(metadata, dict) else None


def _shown(sentences: tuple[str, ...]) -> list[str]:
    more = len(sentences) - _SHOWN
    return [*sentences[:_SHOWN], *([f"and {more} more: see `infergraph validate`"] if more > 0 else [])]


def _short(sentence: str) -> str:
    line = " ".join(sentence.split())
    return line if len(line) <= _WARNING_CHARACTERS else f"{line[: _WARNING_CHARACTERS - 1]}…"
