"""SeldonDeployments of one namespace, and whether what is there is what `infergraph render` says."""

import copy
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from infergraph.cli.render import rendered
from infergraph.kubernetes.objects import Settings
from tests.cluster.api_server import APPLY, MERGE, ApiServer

Manifest = dict[str, Any]
WITHIN_S = 60.0
STAMPS = ("infergraph.io/applied", "deployment.kubernetes.io/revision")
"""What the operator, and a controller, write beside what is rendered."""
LISTS = {
    "Service": "/api/v1",
    "Deployment": "/apis/apps/v1",
    "HorizontalPodAutoscaler": "/apis/autoscaling/v2beta2",
    "PodDisruptionBudget": "/apis/policy/v1beta1",
}


def predictor(name: str = "default", *, container: str = "classifier", image: str = "1.0", **more: Any) -> Manifest:
    """A predictor of one container."""
    containers = [{"name": container, "image": f"example/model:{image}"}]
    graph = {"name": container, "type": "MODEL"}
    return {"name": name, "graph": graph, "componentSpecs": [{"spec": {"containers": containers}}], **more}


def manifest(name: str, *predictors: Manifest, **spec: Any) -> Manifest:
    """A SeldonDeployment."""
    return {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": {"name": name},
        "spec": {"predictors": copy.deepcopy(list(predictors or (predictor(),))), **spec},
    }


class Namespace:
    """One, new, as its user and his `kubectl` see it."""

    def __init__(self, api: ApiServer, name: str, work: Path) -> None:
        self.api, self.name, self._work = api, name, work
        answer = api.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        assert answer.status == 201, answer.message

    def path(self, name: str = "") -> str:
        """Where a SeldonDeployment is."""
        return f"/apis/machinelearning.seldon.io/v1/namespaces/{self.name}/seldondeployments/{name}".rstrip("/")

    def declare(self, one: Manifest) -> None:
        """What `kubectl apply --server-side` does."""
        path = f"{self.path(one['metadata']['name'])}?fieldManager=user&force=true"
        answer = self.api.call("PATCH", path, one, content=APPLY)
        assert answer.status in (200, 201), answer.message

    def scale(self, name: str, replicas: int) -> None:
        """What `kubectl scale` does."""
        answer = self.api.call("PATCH", f"{self.path(name)}/scale", {"spec": {"replicas": replicas}}, content=MERGE)
        assert answer.status == 200, answer.message

    def delete(self, name: str) -> None:
        """What `kubectl delete` does: what belongs to it goes after it."""
        assert self.api.call("DELETE", self.path(name), {"propagationPolicy": "Background"}).status == 200

    def status(self, name: str) -> Manifest:
        found: Manifest = self.api.call("GET", self.path(name)).data.get("status", {})
        return found

    def live(self, kind: str) -> dict[str, Manifest]:
        """All objects of a kind by name."""
        items = self.api.call("GET", f"{LISTS[kind]}/namespaces/{self.name}/{kind.lower()}s").data["items"]
        return {one["metadata"]["name"]: one for one in items}

    def names(self) -> set[tuple[str, str]]:
        """Kind and name of everything that there is."""
        return {(kind, name) for kind in LISTS for name in self.live(kind)}

    def is_available(self, name: str) -> bool:
        """Whether its status says so, of what it is now."""
        return is_available(self.api.call("GET", self.path(name)).data)

    def until_available(self, name: str = "iris") -> None:
        until(lambda: self.is_available(name), lambda: f"{name} is Available, but {self.status(name)}")

    def until_right(self, *declared: Manifest) -> None:
        """Until all is Available, and all that is there, and no more, is what is rendered."""
        for one in declared:
            self.until_available(one["metadata"]["name"])
        until(lambda: not self.wrong(*declared), lambda: "; ".join(self.wrong(*declared)))

    def wrong(self, *declared: Manifest) -> list[str]:
        """What is not as `infergraph render` says."""
        wanted = {(one["kind"], one["metadata"]["name"]): one for it in declared for one in self.rendered(it)}
        names = self.names()
        found = [f"{kind} {name} is too many" for kind, name in sorted(names - wanted.keys())]
        found += [f"{kind} {name} is missing" for kind, name in sorted(wanted.keys() - names)]
        return found or [line for one in wanted.values() for line in self._differences(one)]

    def rendered(self, one: Manifest) -> list[Manifest]:
        """The objects of a manifest, for this namespace and this API server."""
        file = self._work / f"{one['metadata']['name']}.yaml"
        file.write_text(yaml.safe_dump(one))
        text = rendered((str(file),), self.name, Settings(apis=self.api.apis()))
        return [it for it in yaml.safe_load_all(text) if it]

    def _differences(self, one: Manifest) -> Iterator[str]:
        """The API server fills in defaults: what it would make of the object tells what the object is to be."""
        what = f"{one['kind']} {one['metadata']['name']}"
        wanted = self.api.apply(one, is_dry=True)
        live = self.live(one["kind"])[one["metadata"]["name"]]
        if wanted.status != 200:
            yield f"{what}: {wanted.message}"
        elif _said(wanted.data) != _said(live):
            yield f"{what} is {_said(live)}, not {_said(wanted.data)}"


def _said(one: Manifest) -> Any:
    metadata = one["metadata"]
    annotations = {key: value for key, value in metadata.get("annotations", {}).items() if key not in STAMPS}
    return one["spec"], metadata.get("labels", {}), annotations


def is_available(found: Manifest) -> bool:
    """Whether a SeldonDeployment says so, of what was declared last."""
    status = found.get("status", {})
    is_seen = status.get("observedGeneration") == found["metadata"]["generation"]
    return bool(is_seen and status.get("state") == "Available")


def until(is_so: Callable[[], bool], what: Callable[[], str], within_s: float = WITHIN_S) -> None:
    """Look again and again."""
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what()}"
        time.sleep(0.1)
