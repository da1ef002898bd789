"""A cluster of plain data: what is applied is there, with what an API server and controllers add to it."""

import copy
import itertools
from collections.abc import Callable
from typing import Any

import yaml

from infergraph.declaration import SeldonDeployment
from infergraph.declaration.stored import inspect_object
from infergraph.kubernetes.objects import Settings, objects
from infergraph.kubernetes.operator.fingerprint import FIELD_MANAGER, stamped
from infergraph.kubernetes.operator.kinds import Ref, ref_of
from infergraph.kubernetes.operator.owners import owner_reference
from infergraph.kubernetes.operator.plan import Mark, Plan, plan
from infergraph.kubernetes.operator.store import Store
from tests.kubernetes.rendering import MANIFESTS

Change = Callable[[Any], None]


def unchanged(_: Any) -> None:
    """The manifest as it stands in its file."""


class Simulation:
    """One deployment in it."""

    def __init__(self, manifest: str = "plain", settings: Settings | None = None) -> None:
        self.store = Store()
        self.marks: dict[Ref, Mark] = {}
        self.settings = settings or Settings()
        self._versions = itertools.count(1)
        self._manifest = yaml.safe_load((MANIFESTS / f"{manifest}.yaml").read_text())
        self.declare()

    def declare(self, change: Change = unchanged) -> None:
        """What the user wants now: the file with a change."""
        self.owner = copy.deepcopy(self._manifest)
        self.owner["apiVersion"] = "machinelearning.seldon.io/v1"
        self.owner["metadata"] |= {"name": "iris", "namespace": "models", "uid": "1", "generation": 7}
        change(self.owner["spec"])
        deployment, problems = inspect_object(self.owner, servers=self.settings.known_servers)
        assert deployment is not None, problems
        self.deployment: SeldonDeployment = deployment
        reference = owner_reference(self.owner)
        self.desired = [
            stamped({**one, "metadata": {**one["metadata"], "ownerReferences": [reference]}})
            for one in objects(deployment, self.settings)
        ]

    def plan(self) -> Plan:
        """What is to be done now."""
        owned = self.store.owned("models", "iris")
        return plan(self.owner, self.desired, owned=owned, find=self.store.get, marks=self.marks)

    def step(self) -> Plan:
        """Do it."""
        todo = self.plan()
        for change in todo.apply:
            self.write(change.desired)
        for ref in todo.delete:
            self.store.drop(ref)
        return todo

    def settle(self) -> list[Plan]:
        """Do it until there is nothing to do, with all pods ready as soon as somebody wants them."""
        found: list[Plan] = []
        for _ in range(20):
            for name in self.names("Deployment"):
                self.roll_out(name)
            todo = self.step()
            if not (todo.apply or todo.delete):
                return found
            found.append(todo)
        raise AssertionError(f"it never ends: {found[-2:]}")

    def write(self, one: dict[str, Any], **metadata: Any) -> None:
        """An object as the API server keeps it: with the fields that are ours, and all of its own."""
        ref = ref_of(one)
        live = copy.deepcopy(one)
        before = self.store.get(ref)
        old = before.data["metadata"] if before else {}
        is_other = before is None or before.data.get("spec") != one.get("spec")
        live["metadata"] |= {
            "uid": old.get("uid", f"uid-{next(self._versions)}"),
            "resourceVersion": str(next(self._versions)),
            "generation": old.get("generation", 0) + is_other,
            "managedFields": [{"manager": FIELD_MANAGER, "operation": "Apply", "fieldsV1": _fields(one)}],
            **metadata,
        }
        if one["kind"] == "Deployment":
            live["spec"].setdefault("replicas", 1)
            live["spec"]["revisionHistoryLimit"] = 10
            live["status"] = before.data.get("status", {}) if before else {}
        self.store.put(live)

    def roll_out(self, name: str, *, available: int | None = None, **conditions: str) -> None:
        """All pods of a Deployment are there, or only some."""
        live = self.live("Deployment", name)
        wanted = live["spec"]["replicas"]
        count = wanted if available is None else available
        live["status"] = {
            "observedGeneration": live["metadata"]["generation"],
            "replicas": wanted,
            "updatedReplicas": wanted,
            "availableReplicas": count,
            "conditions": [{"type": type_, "status": value, "reason": "R"} for type_, value in conditions.items()],
        }
        live["metadata"]["resourceVersion"] = str(next(self._versions))
        self.put(live)

    def put(self, live: dict[str, Any]) -> None:
        """Somebody changes an object, but for the fields that are ours."""
        fields = [{"manager": FIELD_MANAGER, "operation": "Apply", "fieldsV1": _fields(self._wanted(live))}]
        assert self.store.put({**live, "metadata": {**live["metadata"], "managedFields": fields}})

    def _wanted(self, live: dict[str, Any]) -> dict[str, Any]:
        """What we said of an object that is there: without what others have added."""
        return {key: value for key, value in live.items() if key != "status"}

    def live(self, kind: str, name: str) -> dict[str, Any]:
        """An object, to be changed."""
        found = self.store.get(Ref(kind, "models", name))
        assert found is not None
        return copy.deepcopy(found.data)

    def names(self, kind: str) -> list[str]:
        """What there is of a kind."""
        return sorted(ref.name for ref in self.store.refs(kind))


def _fields(one: dict[str, Any]) -> dict[str, Any]:
    """The names of fields, as the API server keeps them; not those that it adds itself."""
    left_out = ("uid", "resourceVersion", "generation", "managedFields", "revisionHistoryLimit")
    return {
        f"f:{key}": _fields(value) if isinstance(value, dict) else {}
        for key, value in one.items()
        if key not in left_out and not (key == "replicas" and "selector" in one)
    }
