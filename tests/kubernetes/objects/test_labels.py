from typing import Any

from tests.kubernetes.rendering import NAMES, made


def labels(name: str, deployment: str = "") -> tuple[Any, Any, Any]:
    """Those of a Deployment, of its pods, and of its selector."""
    found = made(name).one("Deployment", deployment)
    spec = found["spec"]
    return found["metadata"]["labels"], spec["template"]["metadata"]["labels"], spec["selector"]["matchLabels"]


def test_all_labels_of_a_plain_deployment() -> None:
    own, pods, selector = labels("own_image")
    assert pods == {
        "app": "own-image-default-0-classifier",
        "app.kubernetes.io/managed-by": "seldon-core",
        "fluentd": "true",
        "seldon-app": "own-image-default",
        "seldon-app-svc-classifier": "own-image-default-classifier",
        "seldon-deployment-id": "own-image",
        "seldon.io/model": "true",
        "version": "default",
    }
    assert own == {**pods, "seldon-deployment-contains-svcorch": "true"}
    assert selector == {
        "seldon-app": "own-image-default",
        "seldon-app-svc-classifier": "own-image-default-classifier",
        "seldon-deployment-id": "own-image",
    }


def test_fusing_changes_no_selector() -> None:
    """A selector cannot be changed: with another one, a Deployment is deleted and made again."""
    _, _, fused = labels("plain")
    _, _, apart = labels("fuse_off")
    assert fused.keys() == apart.keys()


def test_the_users_labels_and_annotations() -> None:
    own, pods, selector = labels("labels_and_annotations")
    assert own["tier"] == pods["tier"] == "gold"
    assert own["version"] == pods["version"] == "v7"
    assert own["zone"] == pods["zone"] == "eu"
    assert pods["seldon-app"] == selector["seldon-app"] == "marked-default"  # the user's would lead the Service astray
    deployment = made("labels_and_annotations").one("Deployment")
    annotations = deployment["spec"]["template"]["metadata"]["annotations"]
    assert annotations == {
        "prometheus.io/path": "/prometheus",
        "prometheus.io/scrape": "true",
        "team": "search",
        "seldon.io/rest-timeout": "5000",
        "cost-centre": "42",
        "who": "component",
        "infergraph.io/queue-length": "50",
    }
    assert deployment["metadata"]["annotations"] == {
        key: value for key, value in annotations.items() if not key.startswith("prometheus.io/")
    }


def test_the_user_may_turn_scraping_off() -> None:
    annotations = made("scraping").one("Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/scrape"] == "false"
    assert annotations["prometheus.io/path"] == "/metrics"


def test_each_pod_says_what_its_units_are() -> None:
    _, first, _ = labels("roles", "roles-default-0-scale-choose")
    _, second, _ = labels("roles", "roles-default-1-blend-left-right")
    _, third, _ = labels("roles", "roles-default-2-words-third")
    assert {key for key in first if key.startswith("seldon.io/")} == {"seldon.io/transformer", "seldon.io/router"}
    assert {key for key in second if key.startswith("seldon.io/")} == {"seldon.io/combiner", "seldon.io/model"}
    assert {key for key in third if key.startswith("seldon.io/")} == {"seldon.io/output-transformer", "seldon.io/model"}


def test_only_the_pod_with_the_engine_says_so() -> None:
    own, pods, _ = labels("roles", "roles-default-0-scale-choose")
    other, _, selector = labels("roles", "roles-default-1-blend-left-right")
    assert own["seldon-deployment-contains-svcorch"] == "true"
    assert pods["seldon-app"] == "roles-default"
    assert "seldon-deployment-contains-svcorch" not in other
    assert "seldon-app" not in selector


def test_a_separate_engine_has_the_deployments_labels_and_annotations() -> None:
    own, pods, selector = labels("separate_engine", "separate-engine-default-svc-orch")
    assert selector == {"seldon-app": "separate-engine-default", "seldon-deployment-id": "separate-engine"}
    assert pods["tier"] == "gold"
    assert pods["version"] == "default"
    assert own["seldon-deployment-contains-svcorch"] == "true"
    deployment = made("separate_engine").one("Deployment", "separate-engine-default-svc-orch")
    assert deployment["spec"]["template"]["metadata"]["annotations"]["seldon.io/rest-timeout"] == "1000"


def test_no_two_deployments_find_the_same_pods() -> None:
    for name in NAMES:
        deployments = made(name).of("Deployment")
        for one in deployments:
            for other in deployments:
                selector = one["spec"]["selector"]["matchLabels"].items()
                labels = other["spec"]["template"]["metadata"]["labels"].items()
                assert (selector <= labels) == (one is other), name
