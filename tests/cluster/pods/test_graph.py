"""A graph of three units in one container, and in one for each: the same answers."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.cluster.pods.machine import Namespace, kubectl, read, said
from tests.cluster.pods.test_pods import URI

NAME = "both"


def declared(namespace: Namespace, fuse: str) -> None:
    models: list[Mapping[str, Any]] = [
        {"name": name, "implementation": "SKLEARN_SERVER", "modelUri": URI} for name in ("left", "right")
    ]
    graph = {"name": "mean", "implementation": "AVERAGE_COMBINER", "type": "COMBINER", "children": models}
    namespace.apply(
        NAME, {"name": "default", "replicas": 1, "graph": graph, "annotations": {"infergraph.io/fuse": fuse}}
    )
    namespace.until_available(NAME)


def containers(namespace: Namespace) -> set[str]:
    (pod,) = namespace.pods(NAME)
    return {one["name"] for one in read("pod", pod, "-n", namespace.name)["spec"]["containers"]}


@pytest.mark.parametrize("order", [("true", "false"), ("false", "true")])
def test_fused_and_apart_say_the_same(namespace: Namespace, order: tuple[str, str]) -> None:
    """Changing it is a rolling update of one Deployment."""
    told = {}
    for fuse in order:
        declared(namespace, fuse)
        kubectl("rollout", "status", "-n", namespace.name, f"deployment/{_deployment(namespace)}", "--timeout=120s")
        apart = {"left", "right"} if fuse == "false" else set()
        assert containers(namespace) == {"seldon-container-engine", *apart}
        told[fuse] = said(namespace.address(f"{NAME}-default"), "/api/v1.0/predictions")
    assert told["true"]["data"] == told["false"]["data"]
    assert (
        set(told["true"]["meta"]["requestPath"])
        == set(told["false"]["meta"]["requestPath"])
        == {"mean", "left", "right"}
    )


def _deployment(namespace: Namespace) -> str:
    (found,) = read("deployments", "-n", namespace.name)["items"]
    return str(found["metadata"]["name"])
