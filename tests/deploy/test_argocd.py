"""The health check in a real Lua, as Argo CD runs it: ``obj`` is the object, and the chunk returns the health."""

from typing import Any

import pytest
import yaml
from lupa.lua51 import LuaRuntime

from infergraph.kubernetes.operator.status import AVAILABLE, CREATING, FAILED
from tests.serving import ROOT

FOLDER = ROOT / "deploy/argocd"


def health(status: Any, generation: int = 2) -> tuple[str, str]:
    """What Argo CD would show of a deployment with that status."""
    lua = LuaRuntime(register_eval=False, register_builtins=False)
    one: dict[str, Any] = {"metadata": {"generation": generation}}
    if status is not None:
        one["status"] = status
    lua.globals().obj = lua.table_from(one, recursive=True)
    found = lua.execute((FOLDER / "health.lua").read_text())
    return str(found["status"]), str(found["message"])


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, ("Progressing", "Waiting for the operator")),
        ({}, ("Progressing", "Waiting for the operator")),
        ({"state": ""}, ("Progressing", "Waiting for the operator")),
        ({"state": "Available", "observedGeneration": 2}, ("Healthy", "")),
        ({"state": "Available", "replicas": 0}, ("Healthy", "")),
        ({"state": "Creating", "observedGeneration": 2}, ("Progressing", "Creating")),
        ({"state": "Creating", "description": "2 of 3 ready"}, ("Progressing", "2 of 3 ready")),
        ({"state": "Failed", "description": "no image", "observedGeneration": 2}, ("Degraded", "no image")),
    ],
)
def test_health_by_status(status: Any, expected: tuple[str, str]) -> None:
    assert health(status) == expected


@pytest.mark.parametrize("state", ["Available", "Failed", "Creating"])
def test_a_status_of_an_older_manifest_says_nothing(state: str) -> None:
    found = health({"state": state, "observedGeneration": 1})
    assert found == ("Progressing", "Waiting for the operator to see the last change")


def test_each_state_that_the_operator_writes() -> None:
    healths = {state: health({"state": state})[0] for state in (AVAILABLE, CREATING, FAILED)}
    assert healths == {AVAILABLE: "Healthy", CREATING: "Progressing", FAILED: "Degraded"}


def test_the_applications_name_what_is_there() -> None:
    operator, models = yaml.safe_load_all((FOLDER / "application.yaml").read_text())
    assert (ROOT / operator["spec"]["source"]["path"] / "Chart.yaml").exists()
    assert "ServerSideApply=true" in operator["spec"]["syncPolicy"]["syncOptions"]
    assert models["spec"]["destination"]["namespace"] == "models"
