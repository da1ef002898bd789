"""The store keeps what is newest, and finds what belongs to a deployment."""

from typing import Any

from infergraph.kubernetes.operator.kinds import Ref
from infergraph.kubernetes.operator.store import LAST_APPLIED, Store


def one(name: str = "a", *, version: int = 1, uid: str = "u", owner: str = "iris", **metadata: Any) -> dict[str, Any]:
    reference = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment", "name": owner}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": "models",
            "uid": uid,
            "resourceVersion": str(version),
            "ownerReferences": [{**reference, "uid": "1", "controller": True}],
            **metadata,
        },
        "spec": {},
    }


REF = Ref("Service", "models", "a")


def version(store: Store) -> int:
    live = store.get(REF)
    return live.version if live else 0


def test_what_is_older_comes_too_late() -> None:
    store = Store()
    assert store.put(one(version=5))
    assert not store.put(one(version=4))
    assert not store.put(one(version=5))
    assert store.put(one(version=6))
    assert version(store) == 6


def test_an_object_that_was_made_anew_is_another_one() -> None:
    store = Store()
    store.put(one(version=5))
    assert store.put(one(version=3, uid="new"))
    store.drop(REF, "u")
    assert version(store) == 3
    store.drop(REF, "new")
    assert store.get(REF) is None


def test_it_finds_what_belongs_to_a_deployment() -> None:
    store = Store()
    store.put(one("b"))
    store.put(one("a"))
    store.put(one("c", owner="other"))
    assert [live.data["metadata"]["name"] for live in store.owned("models", "iris")] == ["a", "b"]
    store.put(one("b", version=2, owner="other"))
    store.drop(REF)
    assert store.owned("models", "iris") == []
    assert len(store.owned("models", "other")) == 2


def test_a_list_says_what_is_gone() -> None:
    store = Store()
    for name in "abc":
        store.put(one(name))
    lost = store.replace("Service", [one("b", version=2)])
    assert sorted(gone["metadata"]["name"] for gone in lost) == ["a", "c"]
    assert list(store.refs("Service")) == [REF._replace(name="b")]


def test_a_list_of_one_namespace_says_nothing_of_others() -> None:
    store = Store()
    store.put(one("a"))
    assert store.replace("Service", [], "elsewhere") == []
    assert version(store) == 1


def test_what_takes_memory_and_tells_nothing_is_left_out() -> None:
    store = Store()
    store.put(one(managedFields=[{"manager": "x"}], annotations={LAST_APPLIED: "{}", "a": "b"}))
    live = store.get(REF)
    assert live is not None
    assert "managedFields" not in live.data["metadata"]
    assert live.data["metadata"]["annotations"] == {"a": "b"}


def test_whose_fields_they_are_is_remembered() -> None:
    store = Store()
    entry = {"manager": "infergraph", "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    store.put(one(managedFields=[entry]))
    first = store.get(REF)
    assert first is not None
    assert first.fields
    assert first.has_our_replicas
    store.put(one(version=2, managedFields=[{**entry, "fieldsV1": {"f:spec": {}}}]))
    second = store.get(REF)
    assert second is not None
    assert second.fields not in ("", first.fields)
    assert not second.has_our_replicas
    store.put(one(version=3, managedFields=[{**entry, "operation": "Update"}]))
    third = store.get(REF)
    assert third is not None
    assert third.fields == ""
