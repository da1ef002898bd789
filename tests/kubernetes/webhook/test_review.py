import json
import re
from typing import Any

import pytest

from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.operator.operator import Scope
from infergraph.kubernetes.webhook.judgement import Judgement, judge
from infergraph.kubernetes.webhook.review import BadReview, answer
from tests.kubernetes.webhook.reviews import BAD, BAD_SENTENCE, GOOD, changed, review


def judged(data: Any) -> Judgement:
    return judge(data, Settings())


def answered(body: bytes, scope: Scope | None = None) -> Any:
    return json.loads(answer(body, judged, scope or Scope()).body)


def response(body: bytes, scope: Scope | None = None) -> Any:
    return answered(body, scope)["response"]


def test_a_good_one_passes() -> None:
    assert response(review(GOOD)) == {"uid": "u-1", "allowed": True}


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_the_answer_is_of_the_version_of_the_question(version: str) -> None:
    whole = answered(review(BAD, review={"apiVersion": f"admission.k8s.io/{version}"}))
    assert (whole["apiVersion"], whole["kind"]) == (f"admission.k8s.io/{version}", "AdmissionReview")
    assert whole["response"]["allowed"] is False


def test_a_bad_one_is_refused_with_the_sentence() -> None:
    found = response(review(BAD))
    assert found["allowed"] is False
    status = found["status"]
    assert (status["code"], status["reason"], status["status"]) == (422, "Invalid", "Failure")
    assert status["message"].startswith(BAD_SENTENCE)


def test_every_problem_is_told_up_to_a_number() -> None:
    spec = {"predictors": [{"name": "a", f"field{index}": 1} for index in range(50)]}
    lines = response(review(changed(spec=spec)))["status"]["message"].splitlines()
    assert lines[-1].endswith("more: see `infergraph validate`")
    assert len(lines) < 100


def test_warnings_are_short() -> None:
    spec = {"predictors": [{**GOOD["spec"]["predictors"][0], "name": "p" * 40, "explainer": {"type": "AnchorTabular"}}]}
    (warning,) = response(review(changed(spec=spec)))["warnings"]
    assert "is not run" in warning
    found = json.loads(answer(review(GOOD), lambda _: Judgement(warnings=("w" * 1000, "two\nlines")), Scope()).body)
    assert [len(one) for one in found["response"]["warnings"]] == [256, 9]


def test_a_dry_run_is_judged_as_well() -> None:
    assert response(review(BAD, dryRun=True))["allowed"] is False
    assert response(review(GOOD, dryRun=True))["allowed"] is True


@pytest.mark.parametrize("changes", [{"operation": "DELETE"}, {"operation": "CONNECT"}, {"subResource": "status"}])
def test_what_stores_no_deployment_passes(changes: dict[str, Any]) -> None:
    assert response(review(None if "operation" in changes else BAD, **changes)) == {"uid": "u-1", "allowed": True}


def test_other_objects_pass() -> None:
    found = response(review({"kind": "Pod"}, resource={"group": "", "version": "v1", "resource": "pods"}))
    assert found["allowed"] is True
    assert "nothing else" in found["warnings"][0]


LABEL = "seldon.io/controller-id"


@pytest.mark.parametrize(
    ("labels", "scope", "is_judged"),
    [
        ({}, Scope(), True),
        (None, Scope(), True),
        ({LABEL: ""}, Scope(), True),
        ({LABEL: "other"}, Scope(), False),
        ({LABEL: "other"}, Scope(controller_id="other"), True),
        ({}, Scope(controller_id="other"), False),
        ({}, Scope(namespaces=("models",)), True),
        ({}, Scope(namespaces=("elsewhere", "other")), False),
    ],
)
def test_what_is_anothers_is_left_alone(labels: Any, scope: Scope, is_judged: bool) -> None:
    one = {**BAD, "metadata": {**BAD["metadata"], "labels": labels}}
    assert response(review(one), scope)["allowed"] is not is_judged


def test_what_is_being_deleted_passes() -> None:
    gone = {**BAD, "metadata": {**BAD["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": []}}
    assert response(review(gone, BAD))["allowed"] is True


def test_what_was_bad_before_may_be_labelled() -> None:
    labelled = {**BAD, "metadata": {**BAD["metadata"], "labels": {"team": "a"}}}
    found = response(review(labelled, BAD))
    assert found["allowed"] is True
    assert found["warnings"][0].startswith(BAD_SENTENCE)
    annotated = {**BAD, "metadata": {**BAD["metadata"], "annotations": {"seldon.io/svc-name": "a"}}}
    assert response(review(annotated, BAD))["allowed"] is False
    assert response(review({**BAD, "spec": {**BAD["spec"], "replicas": 2}}, BAD))["allowed"] is False
    assert response(review(BAD, GOOD))["allowed"] is False


@pytest.mark.parametrize(
    "one", [None, 3, "text", [], {}, {"metadata": 3}, {"metadata": {"labels": []}}, {**GOOD, "spec": []}]
)
def test_whatever_the_object_is_it_is_refused_with_a_sentence(one: Any) -> None:
    found = response(review(one))
    assert found["allowed"] is False
    assert found["status"]["message"]


@pytest.mark.parametrize("one", ["NaN", "[" * 2000 + "]" * 2000])
def test_objects_at_the_edge_of_json(one: str) -> None:
    body = review("OBJECT").replace(b'"OBJECT"', one.encode())
    with pytest.raises(BadReview, match="expected an AdmissionReview"):
        answer(body, judged, Scope())


def test_half_a_surrogate_pair() -> None:
    body = review("OBJECT").replace(b'"OBJECT"', b'{"a": "\\ud800"}')
    with pytest.raises(BadReview, match="expected an AdmissionReview"):
        answer(body, judged, Scope())


def test_a_fault_of_ours_lets_it_pass_with_a_warning() -> None:
    def fails(_: Any) -> Judgement:
        raise ZeroDivisionError("oh")

    found = json.loads(answer(review(GOOD), fails, Scope()).body)["response"]
    assert found == {
        "uid": "u-1",
        "allowed": True,
        "warnings": ["it was not checked, for a fault of ours: ZeroDivisionError: oh"],
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"{" * 100_000,
        b"[" * 100_000,
        review(GOOD)[:-10],
        review(GOOD, review={"kind": "Pod"}),
        review(GOOD, review={"apiVersion": "admission.k8s.io/v7"}),
        review(GOOD, review={"request": None}),
        review(GOOD, uid=3),
        review(GOOD, operation=None),
    ],
)
def test_what_is_no_review(body: bytes) -> None:
    said = "expected an AdmissionReview of admission.k8s.io/v1 or admission.k8s.io/v1beta1"
    with pytest.raises(BadReview, match=re.escape(said)):
        answer(body, judged, Scope())
