"""Our chart in a real API server, installed by a real helm; and the operator with no rights but those it gives."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.charts.helm import CHART, helm
from tests.cluster.api_server import ApiServer, wait_until
from tests.cluster.operators import kubeconfig, operator
from tests.ports import free_ports

NAMESPACE = "chart"
VALUES = {"crd": {"create": False}, "singleNamespace": True, "manager": {"leaderElectionLeaseDurationSecs": 20}}
SDEPS = f"/apis/machinelearning.seldon.io/v1/namespaces/{NAMESPACE}/seldondeployments"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"


@pytest.fixture(scope="module")
def installed(server: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """The chart in a namespace of its own, for that namespace: nothing else in the API server hears of it."""
    folder = tmp_path_factory.mktemp("chart")
    config = kubeconfig(folder, server.url)
    values = folder / "values.yaml"
    values.write_text(yaml.safe_dump(VALUES))
    words = ("release", CHART, "--namespace", NAMESPACE, "--values", values)
    found = helm("install", *words, "--create-namespace", kubeconfig=config)
    assert found.returncode == 0, found.stderr
    try:
        yield server
    finally:
        gone = helm("uninstall", "release", "--namespace", NAMESPACE, kubeconfig=config)
        assert gone.returncode == 0, gone.stderr


def deployment(server: ApiServer) -> Any:
    return server.call("GET", f"{DEPLOYMENTS}/infergraph-operator").data


def token(server: ApiServer) -> str:
    path = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/infergraph-operator/token"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}}
    answer = server.call("POST", path, request)
    assert answer.status == 201, answer.message
    return str(answer.data["status"]["token"])


def arguments(server: ApiServer, folder: Path) -> list[str]:
    """What the chart's pod is told, with its files where this process can read them."""
    (container,) = deployment(server)["spec"]["template"]["spec"]["containers"]
    config = server.call("GET", f"/api/v1/namespaces/{NAMESPACE}/configmaps/infergraph-operator").data
    settings = folder / "settings.yaml"
    settings.write_text(config["data"]["settings.yaml"])
    ports = dict(zip(("--metrics-port", "--webhook-port"), free_ports(2), strict=True))
    told = {"--settings": settings, **ports}
    words = [word.partition("=") for word in container["args"][1:]]
    return [f"{name}={told.get(name, value)}" if equals else name for name, equals, value in words]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"singleNamespace": True, "webhook": {"enabled": False}},
        {"replicas": 2, "hostNetwork": True, "controllerId": "blue", "seldonConfig": {"name": "seldon-config"}},
        {"image": {"registry": "registry.test:5000"}, "imagePullSecrets": [{"name": "a"}], "istio": {"enabled": True}},
    ],
)
def test_the_api_server_takes_every_object(server: ApiServer, tmp_path: Path, values: Any) -> None:
    (tmp_path / "values.yaml").write_text(yaml.safe_dump({"crd": {"create": False}, **values}))
    words = ("dry", CHART, "--namespace", "models", "--values", tmp_path / "values.yaml")
    found = helm("template", *words)
    for one in yaml.safe_load_all(found.stdout):
        answer = server.apply(one, is_dry=True)
        assert answer.status in (200, 201), answer.message


def test_helm_takes_it_up_to_another_revision(installed: ApiServer, tmp_path: Path) -> None:
    config = kubeconfig(tmp_path, installed.url)
    (tmp_path / "values.yaml").write_text(yaml.safe_dump({**VALUES, "settings": {"fuse": False}}))
    before = deployment(installed)["spec"]["template"]["metadata"]["annotations"]
    words = ("release", CHART, "--namespace", NAMESPACE)
    found = helm("upgrade", *words, "--values", tmp_path / "values.yaml", kubeconfig=config)
    assert found.returncode == 0, found.stderr
    assert "kubectl label namespace chart seldon.io/controller-id=chart" in found.stdout
    assert "Without" not in found.stdout
    after = deployment(installed)["spec"]["template"]["metadata"]["annotations"]
    assert after["infergraph.io/settings"] != before["infergraph.io/settings"]
    back = helm("rollback", "release", "1", "--namespace", NAMESPACE, kubeconfig=config)
    assert back.returncode == 0, back.stderr
    assert deployment(installed)["spec"]["template"]["metadata"]["annotations"] == before


def test_the_operator_works_with_the_rights_that_it_gives(installed: ApiServer, tmp_path: Path) -> None:
    """It leads, reads what a service account names, applies and reports; what is not granted would be named."""
    account = {"metadata": {"name": "reader"}, "secrets": [{"name": "minio"}]}
    secret = {
        "metadata": {"name": "minio", "annotations": {"machinelearning.seldon.io/s3-endpoint": "minio:9000"}},
        "stringData": {"awsAccessKeyID": "somebody", "awsSecretAccessKey": "not to be seen"},
    }
    for plural, one in (("serviceaccounts", account), ("secrets", secret)):
        assert installed.call("POST", f"/api/v1/namespaces/{NAMESPACE}/{plural}", one).status == 201
    words, env = arguments(installed, tmp_path), {"POD_NAMESPACE": NAMESPACE}  # as the pod has it of the kubelet
    with operator(installed, tmp_path, *words, token=token(installed), env=env) as process:
        assert installed.call("POST", SDEPS, iris()).status == 201
        wait_until(lambda: bool(status(installed)), f"it reports; it said {process.events}")
        assert status(installed)["state"] == "Creating", status(installed)
        (made,) = (one for one in installed.call("GET", DEPLOYMENTS).data["items"] if "iris" in one["metadata"]["name"])
        (fetching,) = made["spec"]["template"]["spec"]["initContainers"]
        given = {one["name"]: one for one in fetching["env"]}
        assert given["AWS_ENDPOINT_URL"]["value"] == "https://minio:9000"
        assert given["AWS_SECRET_ACCESS_KEY"]["valueFrom"]["secretKeyRef"]["name"] == "minio"
        assert "not to be seen" not in json.dumps(made)
        configuration = (
            f"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/infergraph-operator-{NAMESPACE}"
        )
        (hook,) = installed.call("GET", configuration).data["webhooks"]
        assert hook["clientConfig"]["caBundle"]
        events = [*process.events]
    assert not [one for one in events if "cannot" in json.dumps(one)], events


def iris() -> Any:
    unit = {
        "name": "classifier",
        "implementation": "SKLEARN_SERVER",
        "modelUri": "s3://models/iris",
        "serviceAccountName": "reader",
    }
    return {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": {"name": "iris"},
        "spec": {"predictors": [{"name": "default", "graph": unit}]},
    }


def status(server: ApiServer) -> Any:
    return server.call("GET", f"{SDEPS}/iris").data.get("status", {})
