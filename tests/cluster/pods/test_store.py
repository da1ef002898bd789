"""A model in an S3 store whose credentials are in a secret, as v1's tutorials have it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cluster.places import NODE_ADDRESS
from cluster.processes import inside, succeeds
from tests.artifacts.object_stores import MOTO
from tests.cluster.declared import until
from tests.cluster.pods.machine import POD_WITHIN_S, Namespace, ask, kubectl, program, read
from tests.conformance.environments import Environment

PORT = 8098
PUT = """
import pathlib, sys, urllib.request
for path in ("models", "models/iris/model.joblib"):
    body = b"" if path == "models" else pathlib.Path(sys.argv[2]).read_bytes()
    headers = {"Content-Type": "application/octet-stream"}
    asked = urllib.request.Request(f"{sys.argv[1]}/{path}", data=body, headers=headers, method="PUT")
    urllib.request.urlopen(asked, timeout=20)
"""
SECRET = {
    "AWS_ENDPOINT_URL": f"http://{NODE_ADDRESS}:{PORT}",
    "AWS_ACCESS_KEY_ID": "minio",
    "AWS_SECRET_ACCESS_KEY": "minio-secret",
    "USE_SSL": "false",
}


@pytest.fixture(scope="module")
def store(cluster: Path, iris_model: Path, made: Callable[[Environment], Environment]) -> Iterator[None]:
    """moto's S3 in the cluster's network, with the model of iris."""
    server = str(made(MOTO).folder / "bin/moto_server")
    with program(cluster / "moto.log", server, "-H", NODE_ADDRESS, "-p", str(PORT)):
        put = inside(sys.executable, "-c", PUT, SECRET["AWS_ENDPOINT_URL"], iris_model / "model.joblib")
        until(lambda: succeeds(put), (cluster / "moto.log").read_text, POD_WITHIN_S)
        yield


def declared(namespace: Namespace, secret: str) -> None:
    graph = {"name": "classifier", "implementation": "SKLEARN_SERVER", "modelUri": "s3://models/iris"}
    namespace.apply("iris", {"name": "default", "replicas": 1, "graph": {**graph, "envSecretRefName": secret}})


def test_a_model_behind_a_secret(namespace: Namespace, store: None) -> None:
    data = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s3", "namespace": namespace.name}}
    kubectl("apply", "-f", "-", given={**data, "stringData": SECRET})
    declared(namespace, "s3")
    namespace.until_available("iris")
    assert ask(namespace.address("iris-default"), "/api/v1.0/predictions") == {"200 ": 1}


def test_a_secret_that_is_not_there(namespace: Namespace, store: None) -> None:
    """The pod waits, and its state names the secret; it goes on by itself when the secret comes."""
    declared(namespace, "absent")
    until(lambda: "absent" in _waiting(namespace), lambda: namespace.told("iris"), POD_WITHIN_S)
    data = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "absent", "namespace": namespace.name}}
    kubectl("apply", "-f", "-", given={**data, "stringData": SECRET})
    namespace.until_available("iris")


def _waiting(namespace: Namespace) -> str:
    found = read("pods", "-n", namespace.name)["items"]
    states = [one["state"] for pod in found for one in pod["status"].get("initContainerStatuses", ())]
    return " ".join(str(state.get("waiting", {}).get("message", "")) for state in states)
