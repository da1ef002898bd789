"""The chart grants what kubernetes/permissions.py says, no more and no less."""

from typing import Any

import pytest
import yaml

from infergraph.kubernetes.objects.settings import settings_of
from infergraph.kubernetes.permissions import Names, permissions, roles
from tests.charts.helm import NAMESPACE, template

VALUES: dict[str, Any] = {
    "nothing": {},
    "one_namespace": {"singleNamespace": True},
    "no_webhook": {"webhook": {"enabled": False}},
    "nothing_of_the_cluster": {"singleNamespace": True, "webhook": {"enabled": False}},
    "all_kinds": {
        "istio": {"enabled": True},
        "keda": {"enabled": True},
        "ambassador": {"enabled": True},
        "gatewayApi": {"enabled": True},
    },
    "first_ambassador": {"ambassador": {"enabled": True, "version": "v1"}},
    "no_grpc_routes": {"gatewayApi": {"enabled": True, "grpc": False}, "singleNamespace": True},
    "by_settings": {"settings": {"istio": {"enabled": True}, "credentials": {"serviceAccounts": False}}},
    "no_secrets": {"credentials": {"serviceAccounts": False}},
    "another_lease": {"manager": {"leaderElectionID": "other"}, "serviceAccount": {"name": "somebody"}},
}


def settings_in(objects: list[dict[str, Any]]) -> Any:
    (found,) = [one for one in objects if one["kind"] == "ConfigMap"]
    return settings_of(yaml.safe_load(found["data"]["settings.yaml"]))


def granted(objects: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """Where which account may do what: roles as their bindings give them, each verb on each resource once."""
    rules = {(one["kind"], _place(one), one["metadata"]["name"]): one["rules"] for one in objects if "rules" in one}
    found = []
    for one in objects:
        if "roleRef" not in one:
            continue
        (subject,) = one["subjects"]
        kind, place = one["roleRef"]["kind"], _place(one)
        for rule in rules.pop((kind, place, one["roleRef"]["name"])):
            names = tuple(rule.get("resourceNames", ()))
            (group,) = rule["apiGroups"]
            found += [
                (kind, place, subject["namespace"], subject["name"], group, resource, verb, names)
                for resource in rule["resources"]
                for verb in rule["verbs"]
            ]
    assert not rules, "a role that nobody has"
    assert len(found) == len(set(found)), "said twice"
    return set(found)


def _place(one: dict[str, Any]) -> str:
    return str(one["metadata"].get("namespace", ""))


@pytest.mark.parametrize("case", VALUES)
def test_the_roles_are_the_permissions(case: str) -> None:
    values = VALUES[case]
    objects = template(values)
    names = Names(
        namespace=NAMESPACE,
        service_account=values.get("serviceAccount", {}).get("name", "infergraph-operator"),
        lease=values.get("manager", {}).get("leaderElectionID", "infergraph-operator"),
        configuration=f"infergraph-operator-{NAMESPACE}",
    )
    namespaces = (NAMESPACE,) if values.get("singleNamespace") else ()
    has_webhook = values.get("webhook", {}).get("enabled", True)
    found = permissions(settings_in(objects), names, namespaces=namespaces, has_webhook=has_webhook)
    assert granted(objects) == granted(roles(found, names, namespaces=namespaces))


def test_somebody_else_may_make_them() -> None:
    kinds = {one["kind"] for one in template({"rbac": {"create": False}, "serviceAccount": {"create": False}})}
    assert not kinds & {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ServiceAccount"}
