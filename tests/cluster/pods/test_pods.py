"""What a user of a cluster does, with our operator, our image and real pods."""

from pathlib import Path
from typing import Any

from cluster.places import NODE_ADDRESS
from tests.cluster.declared import until
from tests.cluster.pods.machine import POD_WITHIN_S, STORE_PORT, Namespace, answers, ask, asking, kubectl, read

URI = f"http://{NODE_ADDRESS}:{STORE_PORT}/model.joblib"


def predictor(name: str = "default", *, replicas: int = 1, **more: Any) -> dict[str, Any]:
    graph = {"name": "classifier", "implementation": "SKLEARN_SERVER", "modelUri": URI}
    return {"name": name, "replicas": replicas, "graph": graph, **more}


def path(namespace: Namespace, name: str) -> str:
    return f"/seldon/{namespace.name}/{name}/api/v1.0/predictions"


def test_a_model_by_its_address(namespace: Namespace) -> None:
    namespace.apply("iris", predictor())
    kubectl("wait", "--for", "condition=ready", "sdep/iris", "-n", namespace.name, "--timeout=120s")
    namespace.until_available("iris")
    assert ask(namespace.address("iris-default"), "/api/v1.0/predictions") == {"200 ": 1}
    assert ask(namespace.address("iris-gateway"), path(namespace, "iris")) == {"200 ": 1}


def test_a_model_that_is_not_there(namespace: Namespace) -> None:
    """Its init container says why, and a good address mends it."""
    bad = predictor()
    bad["graph"]["modelUri"] = f"http://{NODE_ADDRESS}:{STORE_PORT}/absent.joblib"
    namespace.apply("iris", bad)

    def said() -> str:
        pods = namespace.pods("iris")
        return kubectl("logs", pods[0], "-n", namespace.name, "-c", "classifier-model-initializer") if pods else ""

    until(lambda: _has_failed(namespace), lambda: namespace.told("iris"), POD_WITHIN_S)
    assert "404" in said()
    assert "/absent.joblib" in said()
    namespace.apply("iris", predictor())
    namespace.until_available("iris")


def _has_failed(namespace: Namespace) -> bool:
    found = read("pods", "-n", namespace.name)["items"]
    states = [one for pod in found for one in pod["status"].get("initContainerStatuses", ())]
    return any("terminated" in one["state"] or "terminated" in one.get("lastState", {}) for one in states)


def test_no_request_is_lost_by_an_update(namespace: Namespace, tmp_path: Path) -> None:
    namespace.apply("iris", predictor(replicas=2))
    namespace.until_available("iris")
    before, done = set(namespace.pods("iris")), tmp_path / "done"
    clients = asking(namespace.address("iris-default"), "/api/v1.0/predictions", 100_000, until_exists=str(done))
    try:
        namespace.apply("iris", predictor(replicas=2, annotations={"note": "another"}, labels={"version": "2"}))
        namespace.until_available("iris")
        assert before.isdisjoint(namespace.pods("iris"))
    finally:
        done.touch()
    found = answers(clients)
    assert set(found) == {"200 "}
    assert found["200 "] > 50


def test_a_canary_gets_its_share(namespace: Namespace) -> None:
    namespace.apply("iris", predictor("main", traffic=75), predictor("canary", traffic=25))
    namespace.until_available("iris")
    found = ask(namespace.address("iris-gateway"), path(namespace, "iris"), 1000, threads=4)
    assert set(found) == {"200 main", "200 canary"}
    assert abs(found["200 main"] / 4000 - 0.75) <= 0.02


def test_a_pod_that_is_deleted_comes_back(namespace: Namespace) -> None:
    namespace.apply("iris", predictor(replicas=2))
    namespace.until_available("iris")
    (first, _) = namespace.pods("iris")
    kubectl("delete", "pod", first, "-n", namespace.name, "--wait=false")
    kubectl("rollout", "status", "-n", namespace.name, "deployment/iris-default-0-classifier", "--timeout=120s")
    assert first not in namespace.pods("iris")
    assert ask(namespace.address("iris-default"), "/api/v1.0/predictions", 20) == {"200 ": 20}
