"""Our custom resource, defined in an API server."""

from infergraph.declaration import API_VERSIONS, KIND
from infergraph.kubernetes.crd import definition
from tests.cluster.api_server import ApiServer, wait_until


def define(api: ApiServer) -> None:
    """Define it, and wait until it is served."""
    answer = api.apply(definition(), is_dry=False)
    assert answer.status == 201, answer.message
    wait_until(lambda: _is_established(api), "the custom resource is established")


def _is_established(api: ApiServer) -> bool:
    found = api.call("GET", api.path(definition())).data
    conditions = {one["type"]: one["status"] for one in found.get("status", {}).get("conditions") or ()}
    return conditions.get("Established") == "True" and api.knows({"apiVersion": API_VERSIONS[0], "kind": KIND})
