from tests.kubernetes.rendering import made

HTTP = {"name": "http", "protocol": "TCP", "port": 8000, "targetPort": 8000}
GRPC = {"name": "grpc", "protocol": "TCP", "port": 5001, "targetPort": 5001}


def test_the_service_that_clients_call() -> None:
    service = made("plain").one("Service", "plain-default")
    assert service["metadata"]["name"] == "plain-default"
    assert service["metadata"]["labels"] == {
        "seldon-app": "plain-default",
        "seldon-deployment-id": "plain",
        "app.kubernetes.io/managed-by": "seldon-core",
    }
    assert service["spec"]["selector"] == {"seldon-app": "plain-default"}
    assert service["spec"]["ports"] == [HTTP, GRPC]


def test_a_unit_that_is_called_over_the_network_has_a_service() -> None:
    service = made("own_image").one("Service", "own-image-default-classifier")
    assert service["spec"]["selector"] == {"seldon-app-svc-classifier": "own-image-default-classifier"}
    assert service["metadata"]["labels"] == {
        "seldon-app-svc-classifier": "own-image-default-classifier",
        "seldon-deployment-id": "own-image",
        "seldon-app": "own-image-default",
        "seldon.io/model": "true",
        "app.kubernetes.io/managed-by": "seldon-core",
    }
    assert [(port["name"], port["port"], port["targetPort"]) for port in service["spec"]["ports"]] == [
        ("http", 9000, 9000),
        ("grpc", 9500, 9500),
    ]
    pods = made("own_image").one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= pods.items()


def test_a_fused_unit_has_none() -> None:
    assert made("plain").services() == ["plain-default"]


def test_a_sidecar_has_none() -> None:
    assert made("pass_through").services() == ["pass-through-default", "pass-through-default-classifier"]


def test_the_user_may_say_its_name() -> None:
    assert made("svc_name").services() == ["spam-filter"]
    assert made("svc_name").one("Service", "spam-filter")["spec"]["selector"] == {"seldon-app": "spam-filter"}
    labels = made("svc_name").one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert labels["seldon-app"] == "spam-filter"


def test_headless() -> None:
    assert made("headless").one("Service", "headless-default")["spec"]["clusterIP"] == "None"
    assert "clusterIP" not in made("plain").one("Service", "plain-default")["spec"]


def test_annotations_of_the_predictor_are_on_its_services() -> None:
    for name in made("labels_and_annotations").services():
        service = made("labels_and_annotations").one("Service", name)
        assert service["metadata"]["annotations"] == {"cost-centre": "42", "who": "predictor"}


def test_without_an_engine_clients_call_the_unit() -> None:
    service = made("no_engine").one("Service", "no-engine-default")
    assert [port["targetPort"] for port in service["spec"]["ports"]] == [9000, 9500]
    labels = made("no_engine").one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
