"""A node without a kubelet: says of real pods what a kubelet says of those that start well, and lets them go."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.cluster.api_server import MERGE, ApiServer

NAME = "hollow"
LOOKS_EVERY_S = 0.1
_CONDITIONS = ("PodScheduled", "Initialized", "ContainersReady", "Ready")


class HollowNode:
    """Pods of all namespaces are bound to it, and become ready unless ``holds`` says of one that it does not yet."""

    def __init__(self, api: ApiServer, every_s: float) -> None:
        self._api, self._every_s = api, every_s
        self._ends = threading.Event()
        self.holds: Callable[[dict[str, Any]], bool] = lambda _: False

    def run(self) -> None:
        """Go on until ``stop``; an API server that is away is looked at again."""
        while not self._ends.wait(self._every_s):
            try:
                self._look()
            except OSError:
                continue

    def stop(self) -> None:
        """Look no more."""
        self._ends.set()

    def _look(self) -> None:
        for pod in self._api.call("GET", "/api/v1/pods?resourceVersion=0").data.get("items", ()):
            path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"
            if "deletionTimestamp" in pod["metadata"]:
                self._api.call("DELETE", path, {"gracePeriodSeconds": 0})
            elif "nodeName" not in pod["spec"]:
                target = {"apiVersion": "v1", "kind": "Node", "name": NAME}
                self._api.call(
                    "POST", f"{path}/binding", {"metadata": {"name": pod["metadata"]["name"]}, "target": target}
                )
            elif pod["status"].get("phase") != "Running" and not self.holds(pod):
                self._api.call("PATCH", f"{path}/status", {"status": _running(pod)}, content=MERGE)


def _running(pod: dict[str, Any]) -> dict[str, Any]:
    containers = [
        {
            "name": one["name"],
            "image": one["image"],
            "imageID": one["image"],
            "ready": True,
            "restartCount": 0,
            "state": {"running": {}},
        }
        for one in pod["spec"]["containers"]
    ]
    conditions = [{"type": name, "status": "True"} for name in _CONDITIONS]
    number = int(pod["metadata"]["uid"].replace("-", ""), 16)
    address = f"10.{number % 200}.{number // 200 % 250}.{number // 50_000 % 250 + 1}"
    return {"phase": "Running", "conditions": conditions, "podIP": address, "containerStatuses": containers}


@contextmanager
def hollow_node(api: ApiServer, *, every_s: float = LOOKS_EVERY_S) -> Iterator[HollowNode]:
    """One that looks after all pods, until the block ends."""
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NAME}}
    assert api.call("POST", "/api/v1/nodes", node).status == 201
    one = HollowNode(api, every_s)
    thread = threading.Thread(target=one.run)
    thread.start()
    try:
        yield one
    finally:
        one.stop()
        thread.join()
