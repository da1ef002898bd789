from collections.abc import Iterator
from pathlib import Path

import pytest

from infergraph.declaration import API_VERSIONS, KIND
from infergraph.kubernetes.crd import definition
from tests.cluster.api_server import ApiServer, missing, running, wait_until


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A real API server, with the namespace of our manifests and our custom resource."""
    if reason := missing():
        pytest.skip(reason)
    work: Path = tmp_path_factory.mktemp("cluster")
    with running(work) as api:
        assert api.call("POST", "/api/v1/namespaces", {"metadata": {"name": "models"}}).status == 201
        answer = api.apply(definition(), is_dry=False)
        assert answer.status == 201, answer.message
        wait_until(lambda: _is_established(api), "the custom resource is established")
        yield api


def _is_established(api: ApiServer) -> bool:
    found = api.call("GET", api.path(definition())).data
    conditions = {one["type"]: one["status"] for one in found.get("status", {}).get("conditions") or ()}
    return conditions.get("Established") == "True" and api.knows({"apiVersion": API_VERSIONS[0], "kind": KIND})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first of them waits for the start of a cluster, on a machine that does other things too."""
    for item in items:
        if "tests/cluster" in item.nodeid:
            item.add_marker(pytest.mark.timeout(180))
