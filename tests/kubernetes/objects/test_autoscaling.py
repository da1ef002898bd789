from infergraph.kubernetes.objects import objects
from tests.declaration.samples import MODEL, deployment
from tests.kubernetes.rendering import made


def test_an_autoscaler_scales_the_deployment_of_its_name() -> None:
    scaler = made("hpa_v2").one("HorizontalPodAutoscaler")
    name = made("hpa_v2").one("Deployment")["metadata"]["name"]
    assert scaler["apiVersion"] == "autoscaling/v2"
    assert scaler["metadata"]["name"] == name
    assert scaler["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    assert scaler["spec"]["maxReplicas"] == 4
    assert "minReplicas" not in scaler["spec"]
    assert made("hpa_v2beta1").one("HorizontalPodAutoscaler")["spec"]["minReplicas"] == 1


def test_older_clusters_get_older_versions() -> None:
    assert made("older_apis").one("HorizontalPodAutoscaler")["apiVersion"] == "autoscaling/v2beta2"
    assert made("older_apis").one("PodDisruptionBudget")["apiVersion"] == "policy/v1beta1"


def test_keda_goes_before_the_autoscaler() -> None:
    scaled = made("keda").one("ScaledObject")
    assert made("keda").of("HorizontalPodAutoscaler") == []
    assert scaled["apiVersion"] == "keda.sh/v1alpha1"
    assert scaled["spec"]["scaleTargetRef"]["name"] == "keda-default-0-classifier"
    assert scaled["spec"]["pollingInterval"] == 15
    assert scaled["spec"]["advanced"] == {"restoreToOriginalReplicaCount": True}
    assert scaled["spec"]["triggers"][0]["type"] == "prometheus"


def test_without_keda_the_autoscaler_scales() -> None:
    assert made("keda_off").of("ScaledObject") == []
    assert made("keda_off").one("HorizontalPodAutoscaler")["spec"] == {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "keda-off-default-0-classifier"},
        "minReplicas": 1,
        "maxReplicas": 9,
    }


def test_each_budget_is_for_the_pods_of_its_component() -> None:
    """The eviction API refuses a pod that two budgets are for: a node could not be drained."""
    first, second = made("pdb").of("PodDisruptionBudget")
    assert first["apiVersion"] == "policy/v1"
    assert first["spec"]["minAvailable"] == "50%"
    assert second["spec"]["maxUnavailable"] == 1
    pods = [one["spec"]["template"]["metadata"]["labels"] for one in made("pdb").of("Deployment")]
    for index, budget in enumerate((first, second)):
        selected = budget["spec"]["selector"]["matchLabels"].items()
        assert [selected <= labels.items() for labels in pods] == [index == 0, index == 1]


def test_a_separate_engine_has_the_budget_of_the_first_component() -> None:
    budget = made("separate_engine").one("PodDisruptionBudget", "separate-engine-default-svc-orch")
    assert budget["spec"]["minAvailable"] == 1
    engine = made("separate_engine").one("Deployment", "separate-engine-default-svc-orch")["spec"]["template"]
    assert budget["spec"]["selector"]["matchLabels"].items() <= engine["metadata"]["labels"].items()


def test_a_fused_units_container_is_the_engines() -> None:
    metric = {
        "type": "ContainerResource",
        "containerResource": {"name": "cpu", "container": "m", "targetAverageUtilization": 60},
    }
    component = {"hpaSpec": {"maxReplicas": 2, "metrics": [metric]}, "spec": {"containers": []}}
    model = MODEL.replace("models/", "gs://models/")
    found = objects(deployment(f"{{predictors: [{{name: p, graph: {model}, componentSpecs: [{component}]}}]}}"))
    (scaler,) = [one for one in found if one["kind"] == "HorizontalPodAutoscaler"]
    assert scaler["spec"]["metrics"][0]["containerResource"]["container"] == "seldon-container-engine"
