import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import control_plane
from tests.cluster.api_server import ApiServer, missing, running
from tests.cluster.control_plane import ControlPlane
from tests.cluster.custom_resource import define
from tests.cluster.declared import Namespace
from tests.cluster.hollow_node import HollowNode, hollow_node


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A real API server, with the namespace of our manifests and our custom resource."""
    if reason := missing():
        pytest.skip(reason)
    work: Path = tmp_path_factory.mktemp("cluster")
    with running(work) as api:
        assert api.call("POST", "/api/v1/namespaces", {"metadata": {"name": "models"}}).status == 201
        define(api)
        yield api


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """An API server with the real controllers and our custom resource."""
    if reason := control_plane.missing():
        pytest.skip(reason)
    with control_plane.control_plane(tmp_path_factory.mktemp("plane")) as found:
        yield found


@pytest.fixture(scope="session")
def node(plane: ControlPlane) -> Iterator[HollowNode]:
    """What makes the pods of the controllers ready."""
    with hollow_node(plane.api) as found:
        yield found


@pytest.fixture
def namespace(plane: ControlPlane, node: HollowNode, tmp_path: Path, request: pytest.FixtureRequest) -> Namespace:
    """A namespace of the test's own, whose pods become ready."""
    node.holds = lambda _: False
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower())[:50].strip("-")
    return Namespace(plane.api, name, tmp_path)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first of them waits for the start of a cluster, on a machine that does other things too."""
    for item in items:
        if "tests/cluster" in item.nodeid:
            item.add_marker(pytest.mark.timeout(180))
