"""What `infergraph operator` is told; tests/cluster says what it does."""

from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from infergraph.cli.operator import operator

UNSET = dict.fromkeys(("POD_NAMESPACE", "WATCH_NAMESPACE", "CONTROLLER_ID", "INFERGRAPH_SETTINGS"))


def told(*arguments: str, **env: str) -> Result:
    return CliRunner().invoke(operator, arguments, env={**UNSET, **env})


def printed(*arguments: str, **env: str) -> list[dict[str, Any]]:
    result = told(*arguments, "--print-rbac", **env)
    assert result.exit_code == 0, result.output
    return list(yaml.safe_load_all(result.stdout))


def resources(objects: list[dict[str, Any]]) -> set[str]:
    return {name for one in objects for rule in one.get("rules", ()) for name in rule["resources"]}


def written(objects: list[dict[str, Any]]) -> set[str]:
    """Those of which it may do more than look."""
    rules = [
        rule for one in objects for rule in one.get("rules", ()) if not {"create", "patch"}.isdisjoint(rule["verbs"])
    ]
    return {name for rule in rules for name in rule["resources"]}


def test_a_part_that_is_not_asked_for_needs_no_permission() -> None:
    assert {"leases", "secrets", "validatingwebhookconfigurations"}.isdisjoint(written(printed()))
    assert "leases" in written(printed("--lease", "l"))
    assert {"secrets", "validatingwebhookconfigurations"} <= written(printed("--webhook-port", "4443"))
    assert "secrets" not in written(printed("--webhook-port", "4443", "--no-webhook"))


def test_roles_are_where_the_options_say() -> None:
    objects = printed("-n", "models", "--lease", "l", "--service-account", "me", POD_NAMESPACE="home")
    assert {one["metadata"]["namespace"] for one in objects} == {"models", "home"}
    subjects = [subject for one in objects for subject in one.get("subjects", ())]
    assert subjects
    assert all(one == {"kind": "ServiceAccount", "name": "me", "namespace": "home"} for one in subjects)


def test_the_same_options_print_the_same_bytes() -> None:
    assert told("--print-rbac", "--lease", "l").stdout == told("--print-rbac", "--lease", "l").stdout


def test_times_with_which_two_could_lead_are_refused() -> None:
    result = told("--lease", "l", "--lease-duration-s", "5", "--renew-deadline-s", "10")
    assert result.exit_code == 1
    assert "expected lease_s > renew_deadline_s > retry_s > 0, got 5, 10 and 2" in result.stderr


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_is_one(port: str) -> None:
    result = told("--webhook-port", port)
    assert result.exit_code == 2
    assert "--webhook-port" in result.stderr
