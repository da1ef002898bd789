"""A deployment from a cluster gets the sentences of `infergraph validate`."""

import json
from typing import Any

import pytest

from infergraph.declaration import inspect_text
from infergraph.declaration.stored import inspect_object


def declared(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": {"name": "iris", "managedFields": [{"manager": "x"}], "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"predictors": [{"name": "default", "graph": {"name": "a", "implementation": "SIMPLE_MODEL"}}], **spec},
        "status": {"state": "Failed", "anything": [1]},
    }


def test_one_without_a_problem() -> None:
    deployment, problems = inspect_object(declared())
    assert problems == ()
    assert deployment is not None
    assert deployment.name == "iris"


@pytest.mark.parametrize(
    "spec",
    [
        {"replicas": True},
        {"replicas": "3"},
        {"protocol": "soap"},
        {"predictors": []},
        {"predictors": [{"nam": "x", "graph": {"name": 1.5}}]},
        {"predictors": {"name": "x"}},
    ],
)
def test_the_same_sentences_without_a_place(spec: dict[str, Any]) -> None:
    one = declared(**spec)
    deployment, problems = inspect_object(one)
    assert deployment is None
    said = inspect_text(json.dumps(one, indent=1), file="x.json").problems
    assert sorted((problem.path, problem.message, problem.hint) for problem in problems) == sorted(
        (problem.path, problem.message, problem.hint) for problem in said
    )
    assert all(not problem.file and not problem.line for problem in problems)
