"""The roles in a real API server: they grant what is asked for, and what is missing is named."""

import asyncio

import pytest

from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.permission_check import missing_permissions
from infergraph.kubernetes.permissions import Names, permissions, roles
from tests.cluster.api_server import ApiServer
from tests.cluster.clients import client_of


def token_of(server: ApiServer, names: Names) -> str:
    """A token of the operator's service account."""
    server.call("POST", "/api/v1/namespaces", {"metadata": {"name": names.namespace}})
    accounts = f"/api/v1/namespaces/{names.namespace}/serviceaccounts"
    server.call("POST", accounts, {"metadata": {"name": names.service_account}})
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}}
    answer = server.call("POST", f"{accounts}/{names.service_account}/token", request)
    assert answer.status == 201, answer.message
    return str(answer.data["status"]["token"])


def missing(server: ApiServer, names: Names, namespaces: tuple[str, ...]) -> list[str]:
    async def main() -> list[str]:
        async with client_of(server, token=token_of(server, names)) as client:
            found = permissions(Settings(), names, namespaces=namespaces)
            return await missing_permissions(client, found, names, namespaces=namespaces)

    return asyncio.run(main())


@pytest.mark.parametrize("namespaces", [(), ("models",)])
def test_the_roles_grant_all_that_is_asked_for(server: ApiServer, namespaces: tuple[str, ...]) -> None:
    names = Names(namespace=f"granted-{len(namespaces)}", service_account=f"granted-{len(namespaces)}")
    asked = missing(server, names, namespaces)
    assert len(asked) > 20
    assert all(one.startswith("cannot ") for one in asked)
    for one in roles(permissions(Settings(), names, namespaces=namespaces), names, namespaces=namespaces):
        answer = server.apply(one, is_dry=False)
        assert answer.status in (200, 201), answer.message
    assert missing(server, names, namespaces) == []


def test_a_verb_that_is_missing_is_named(server: ApiServer) -> None:
    names = Names(namespace="partly", service_account="partly")
    for one in roles(permissions(Settings(), names, namespaces=("models",)), names, namespaces=("models",)):
        for rule in one.get("rules", ()):
            if "deployments" in rule["resources"]:
                rule["verbs"].remove("patch")
        server.call("POST", "/api/v1/namespaces", {"metadata": {"name": names.namespace}})
        assert server.apply(one, is_dry=False).status in (200, 201)
    (sentence,) = missing(server, names, ("models",))
    assert sentence.startswith("cannot patch deployments.apps in namespace models: grant")
