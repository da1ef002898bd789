"""Reviews as an API server sends them."""

import json
from typing import Any

GOOD: dict[str, Any] = {
    "apiVersion": "machinelearning.seldon.io/v1",
    "kind": "SeldonDeployment",
    "metadata": {"name": "iris", "namespace": "models"},
    "spec": {
        "predictors": [
            {
                "name": "default",
                "graph": {"name": "classifier", "implementation": "SKLEARN_SERVER", "modelUri": "gs://models/iris"},
            }
        ]
    },
}


def changed(**changes: Any) -> dict[str, Any]:
    """A good one with another spec (``spec``), or other metadata."""
    spec = changes.pop("spec", GOOD["spec"])
    return {**GOOD, "metadata": {**GOOD["metadata"], **changes}, "spec": spec}


BAD = changed(spec={"predictors": [{"name": "default", "graph": {"name": "classifier"}}]})
BAD_SENTENCE = 'spec.predictors[0].graph: Invalid value: "classifier": Can\'t find container for Predictive Unit'


def review(new: Any, old: Any = None, **changes: Any) -> bytes:
    """A review of ``new``; ``changes`` are fields of the request, or with ``review`` of the whole."""
    whole = changes.pop("review", {})
    request = {
        "uid": "u-1",
        "kind": {"group": "machinelearning.seldon.io", "version": "v1", "kind": "SeldonDeployment"},
        "resource": {"group": "machinelearning.seldon.io", "version": "v1", "resource": "seldondeployments"},
        "name": "iris",
        "namespace": "models",
        "operation": "CREATE" if old is None else "UPDATE",
        "userInfo": {"username": "somebody", "groups": ["all"]},
        "object": new,
        "oldObject": old,
        "dryRun": False,
        **changes,
    }
    return json.dumps(
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request, **whole}
    ).encode()
