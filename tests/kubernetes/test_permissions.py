from typing import Any

import pytest

from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.objects.settings import settings_of
from infergraph.kubernetes.permissions import Names, Rule, grant, missing_grant, permissions, roles

NAMES = Names()


def rules_of(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [rule for one in objects if one["kind"] == kind for rule in one["rules"]]


def test_nothing_is_granted_by_a_star() -> None:
    everything = settings_of(
        {"istio": {"enabled": True}, "ambassador": {"enabled": True}, "gatewayApi": {"enabled": True}}
    )
    for one in roles(permissions(everything, NAMES), NAMES):
        for rule in one.get("rules", ()):
            assert "*" not in (*rule["apiGroups"], *rule["resources"], *rule["verbs"])


def test_secrets_are_not_read_but_for_its_own_and_by_the_name_that_a_service_account_says() -> None:
    (rule,) = [rule for rule in permissions(Settings(), NAMES).watched if "secrets" in rule.resources]
    assert rule.verbs == ("get",)
    settings = settings_of({"credentials": {"serviceAccounts": False}})
    for one in roles(permissions(settings, NAMES), NAMES):
        for rule in one.get("rules", ()):
            if "secrets" in rule["resources"]:
                assert one["metadata"]["namespace"] == NAMES.namespace
                assert rule["verbs"] == ["create"] or rule["resourceNames"] == [NAMES.secret]


def test_the_settings_decide_which_kinds() -> None:
    def groups(settings: Settings) -> set[str]:
        return {rule.group for rule in permissions(settings, NAMES).watched}

    assert "networking.istio.io" not in groups(Settings())
    assert "networking.istio.io" in groups(settings_of({"istio": {"enabled": True}}))
    assert "keda.sh" in groups(settings_of({"keda": {"enabled": True}}))


def test_one_namespace_needs_nothing_of_the_others() -> None:
    found = permissions(Settings(), NAMES, namespaces=("a", "b"), has_webhook=False)
    objects = roles(found, NAMES, namespaces=("a", "b"))
    assert not rules_of(objects, "ClusterRole")
    places = [one["metadata"]["namespace"] for one in objects if one["kind"] == "RoleBinding"]
    assert places == ["a", "b", NAMES.namespace]


def test_a_webhook_in_namespaced_mode_needs_its_configuration_and_nothing_else_of_the_cluster() -> None:
    objects = roles(permissions(Settings(), NAMES, namespaces=("a",)), NAMES, namespaces=("a",))
    (rule,) = rules_of(objects, "ClusterRole")
    assert rule["resources"] == ["validatingwebhookconfigurations"]
    assert rule["resourceNames"] == [NAMES.configuration]


def test_every_binding_has_its_role() -> None:
    for namespaces in ((), ("a", "b")):
        objects = roles(permissions(Settings(), NAMES, namespaces=namespaces), NAMES, namespaces=namespaces)
        there = {(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in objects}
        for one in objects:
            if "roleRef" in one:
                ref = one["roleRef"]
                assert (ref["kind"], one["metadata"].get("namespace"), ref["name"]) in there


def test_a_rule_as_roles_have_it() -> None:
    rule = Rule(group="apps", resources=("deployments",), verbs=("get",), names=("a",))
    assert rule.manifest() == {
        "apiGroups": ["apps"],
        "resources": ["deployments"],
        "resourceNames": ["a"],
        "verbs": ["get"],
    }


def test_what_is_missing_is_a_sentence() -> None:
    assert grant("patch", "deployments", "apps", "models").startswith(
        'cannot patch deployments.apps in namespace models: grant the verb "patch" on the resource "deployments"'
    )
    assert grant("get", "secrets", "", "", "one").startswith("cannot get secrets one in the cluster: grant")


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        (
            'd is forbidden: User "o" cannot patch resource "deployments" in API group "apps" in the namespace "n"',
            "cannot patch deployments.apps in namespace n: grant",
        ),
        (
            'services is forbidden: User "o" cannot list resource "services" in API group "" at the cluster scope',
            "cannot list services in the cluster: grant",
        ),
        ('pods "a" is forbidden: exceeded quota: q, requested: pods=1', ""),
        ("", ""),
    ],
)
def test_what_the_api_server_says_becomes_one(said: str, begins: str) -> None:
    found = missing_grant(said)
    assert found.startswith(begins)
    assert bool(found) == bool(begins)
