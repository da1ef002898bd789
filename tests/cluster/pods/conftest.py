import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cluster import control_plane
from cluster.processes import succeeds
from tests.cluster.declared import until
from tests.cluster.pods.machine import POD_WITHIN_S, SETTINGS, Namespace, kubectl, missing, operator, store
from tests.containers.save import save
from tests.serving import ROOT


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, iris_model: Path) -> Iterator[Path]:
    """A cluster with our image, our operator and a store of models: it takes minutes, so it is asked for by name."""
    if not os.environ.get("INFERGRAPH_PODS"):
        pytest.skip("real pods run in `make test-cluster`")
    if reason := missing():
        pytest.skip(reason)
    work = tmp_path_factory.mktemp("pods")
    cluster = [sys.executable, "-m", "cluster"]
    try:
        subprocess.run([*cluster, "up"], cwd=ROOT, check=True)
        save(work / "image.tar")
        subprocess.run([*cluster, "load", str(work / "image.tar")], cwd=ROOT, check=True)
        (work / "image.tar").unlink()
        crd = subprocess.run([sys.executable, "-m", "infergraph", "crd"], capture_output=True, check=True)
        (work / "crd.yaml").write_bytes(crd.stdout)
        kubectl("apply", "--server-side", "-f", str(work / "crd.yaml"))
        listing = [*control_plane.kubectl_command(), "get", "sdep", "-A"]
        until(lambda: succeeds(listing), lambda: "the cluster knows SeldonDeployments", POD_WITHIN_S)
        (work / "settings.yaml").write_text(json.dumps(SETTINGS))
        with ExitStack() as stack:
            stack.enter_context(store(iris_model, work / "store.log"))
            stack.enter_context(operator(work / "settings.yaml", work / "operator.log"))
            yield work
    finally:
        subprocess.run([*cluster, "down"], cwd=ROOT, check=True)


@pytest.fixture
def namespace(cluster: Path, request: pytest.FixtureRequest) -> Iterator[Namespace]:
    """A namespace of the test's own, gone after it."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name)[:50].rstrip("-")
    kubectl("create", "namespace", name)
    try:
        yield Namespace(name)
    finally:
        kubectl("delete", "namespace", name, "--wait=false")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first of them waits for the cluster and for the image."""
    for item in items:
        if "cluster/pods" in item.nodeid:
            item.add_marker(pytest.mark.timeout(420))
