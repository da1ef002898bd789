"""The chart as helm reads it: what it is made of, which values it takes, and what becomes of them."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from infergraph import __version__
from infergraph.kubernetes.crd import definition
from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.objects.settings import settings_of
from infergraph.kubernetes.settings_sources import merged_settings
from infergraph.kubernetes.webhook.configuration import service_client, webhook_configuration
from infergraph.kubernetes.yaml_text import yaml_text
from tests.charts.helm import CHART, NAMESPACE, helm, of, rendered, template
from tests.kubernetes.test_manager_environment import OF_THE_CHART

# What somebody may have who installed Seldon Core v1: what he changed, and now and then all that there is.
OF_V1: dict[str, Any] = {
    "ambassador": {"enabled": True, "singleNamespace": False, "version": "v2"},
    "certManager": {"enabled": True},
    "controllerId": "",
    "crd": {"annotations": {}, "create": True, "forceV1": False, "forceV1beta1": False},
    "credentials": {
        "gcs": {"gcsCredentialFileName": "gcloud-application-credentials.json"},
        "s3": {"s3AccessKeyIDName": "awsAccessKeyID", "s3SecretAccessKeyName": "awsSecretAccessKey"},
    },
    "defaultUserID": "8888",
    "executor": {
        "fullHealthChecks": False,
        "image": {"pullPolicy": "IfNotPresent", "registry": "docker.io"},
        "metricsPortName": "metrics",
        "port": 8000,
        "prometheus": {"path": "/prometheus"},
        "requestLogger": {"defaultEndpoint": "http://default-broker", "workQueueSize": 10000, "writeTimeoutMs": 2000},
        "resources": {"cpuLimit": "500m", "cpuRequest": "500m", "memoryLimit": "512Mi", "memoryRequest": "512Mi"},
        "serviceAccount": {"name": "default"},
        "user": 8888,
    },
    "explainer": {"image": "seldonio/alibiexplainer:1.16.0", "image_v2": "seldonio/mlserver:1.3.0-alibi-explain"},
    "hostNetwork": False,
    "image": {"pullPolicy": "IfNotPresent"},
    "istio": {"enabled": True, "gateway": "istio-system/seldon-gateway", "tlsMode": ""},
    "keda": {"enabled": False},
    "kubeflow": True,
    "manager": {
        "annotations": {},
        "containerSecurityContext": {},
        "cpuLimit": "500m",
        "cpuRequest": "100m",
        "deploymentNameAsPrefix": False,
        "leaderElectionID": "a33bd623.machinelearning.seldon.io",
        "leaderElectionLeaseDurationSecs": 15,
        "leaderElectionRenewDeadlineSecs": 10,
        "leaderElectionResourceLock": "configmapsleases",
        "leaderElectionRetryPeriodSecs": 2,
        "logLevel": "INFO",
        "memoryLimit": "300Mi",
        "memoryRequest": "200Mi",
        "priorityClassName": "",
    },
    "managerCreateResources": True,
    "managerUserID": 8888,
    "metrics": {"port": 8080},
    "namespaceOverride": "",
    "predictiveUnit": {
        "defaultEnvSecretRefName": "",
        "grpcPort": 9500,
        "httpPort": 9000,
        "metricsPortName": "metrics",
    },
    "predictor_servers": {
        "SKLEARN_SERVER": {
            "protocols": {"seldon": {"defaultImageVersion": "1.16.0", "image": "seldonio/sklearnserver"}}
        }
    },
    "rbac": {"configmap": {"create": True}, "create": True},
    "serviceAccount": {"create": True, "name": "seldon-manager"},
    "singleNamespace": False,
    "storageInitializer": {
        "cpuLimit": "1",
        "cpuRequest": "100m",
        "image": "seldonio/rclone-storage-initializer:1.16.0",
        "memoryLimit": "1Gi",
        "memoryRequest": "100Mi",
    },
    "usageMetrics": {"enabled": True},
    "webhook": {"port": 4443},
}


def settings_in(values: Any = None) -> Settings:
    """The settings that the operator is given."""
    return settings_of(yaml.safe_load(of(template(values), "ConfigMap")["data"]["settings.yaml"]))


def arguments(values: Any = None) -> list[str]:
    (container,) = of(template(values), "Deployment")["spec"]["template"]["spec"]["containers"]
    words: list[str] = container["args"]
    return words


def test_helm_finds_nothing_to_say_against_it() -> None:
    found = helm("lint", "--strict", CHART)
    assert found.returncode == 0, found.stdout
    assert "0 chart(s) failed" in found.stdout


def test_its_version_is_ours() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["version"] == chart["appVersion"] == __version__


def test_its_definition_is_what_the_command_prints() -> None:
    """`infergraph crd > charts/infergraph-operator/files/seldondeployments.yaml` writes it anew."""
    assert (CHART / "files/seldondeployments.yaml").read_text() == yaml_text([definition()])


def test_the_definition_stays_when_the_chart_goes() -> None:
    found = of(template({"crd": {"annotations": {"a": "b"}}}), "CustomResourceDefinition")
    assert found["spec"] == definition()["spec"]
    assert found["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert found["metadata"]["annotations"]["a"] == "b"
    assert "CustomResourceDefinition" not in {one["kind"] for one in template({"crd": {"create": False}})}


def test_values_that_nobody_changed_are_the_default_settings() -> None:
    assert settings_in() == Settings()


def test_every_value_is_in_the_schema_and_the_other_way_round() -> None:
    assert rendered(yaml.safe_load((CHART / "values.yaml").read_text())).returncode == 0


def test_a_v1_installations_values_work() -> None:
    settings = settings_in(OF_V1)
    assert settings.servers["SKLEARN_SERVER"].image("seldon") == "seldonio/sklearnserver:1.16.0"
    assert settings.storage_initializer.image == "seldonio/rclone-storage-initializer:1.16.0"
    assert settings.istio.enabled
    assert settings.ambassador.enabled
    assert settings.engine.image == ""


def test_a_v1_executor_is_told_as_its_manager_told_it() -> None:
    """The same installation by values and by its manager's environment are the same settings."""
    values = {
        "ambassador": {"enabled": True, "version": "v1"},
        "istio": {"enabled": True, "gateway": "mesh/gate", "tlsMode": "ISTIO_MUTUAL"},
        "keda": {"enabled": True},
        "executor": {
            "image": {"repository": "seldonio/seldon-core-executor", "pullPolicy": "Always"},
            "serviceAccount": {"name": "engines"},
            "resources": {"cpuLimit": "1", "memoryRequest": "256Mi"},
            "fullHealthChecks": True,
            "prometheus": {"path": "/metrics"},
            "requestLogger": {"defaultEndpoint": "http://broker", "workQueueSize": 10, "writeTimeoutMs": 20},
            "metricsPortName": "m",
        },
        "predictiveUnit": {
            "defaultEnvSecretRefName": "store",
            "grpcPort": 9600,
            "httpPort": 9100,
            "metricsPortName": "numbers",
        },
    }
    more = {
        "EXECUTOR_DEFAULT_CPU_REQUEST": "500m",
        "EXECUTOR_DEFAULT_MEMORY_LIMIT": "512Mi",
    }
    assert settings_in(values) == merged_settings(environment={**OF_THE_CHART, **more})


def test_what_does_nothing_is_said(tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump(OF_V1))
    notes = (CHART / "templates/NOTES.txt").read_text()
    probe = tmp_path / "chart"
    _with_notes_as_object(probe, notes)
    found = helm(
        "template", "release", probe, "--namespace", NAMESPACE, "--values", values, "-s", "templates/notes.yaml"
    )
    assert found.returncode == 0, found.stderr
    for name in ("certManager", "managerCreateResources", "explainer", "usageMetrics", "kubeflow", "ResourceLock"):
        assert re.search(rf"^ *- .*{name}.*: ", found.stdout, re.MULTILINE), name
    assert "crd.forceV1" not in found.stdout


def _with_notes_as_object(folder: Path, notes: str) -> None:
    """A copy of the chart whose notes can be seen without a cluster."""
    shutil.copytree(CHART, folder)
    (folder / "templates/notes.yaml").write_text('said: |\n  {{- include "notes" . | nindent 2 }}\n')
    (folder / "templates/_notes.tpl").write_text(f'{{{{- define "notes" -}}}}\n{notes}\n{{{{- end }}}}\n')


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"manager": {"logLevl": "INFO"}}, "logLevl"),
        ({"istoi": {"enabled": True}}, "istoi"),
        ({"webhook": {"port": "4443"}}, "webhook.port"),
        ({"ambassador": {"version": "v3"}}, "ambassador.version"),
        ({"predictor_servers": {"A": {"rest": {"image": "x"}}}}, "predictor_servers.A"),
        ({"defaultUserID": "root"}, "defaultUserID"),
        ({"crd": {"forceV1beta1": True}}, "crd.forceV1beta1: no cluster"),
        ({"image": {"repository": "seldonio/seldon-core-operator"}}, "is Seldon Core's operator; this chart runs"),
        ({"managerUserID": 0}, "managerUserID: the operator does not run as root"),
    ],
)
def test_a_mistake_is_refused(values: Any, said: str) -> None:
    found = rendered(values)
    assert found.returncode != 0
    assert said in found.stderr.replace("/", ".")


@pytest.mark.parametrize("values", [{}, {"singleNamespace": True}, {"controllerId": "blue"}])
def test_its_webhook_is_the_operators(values: Any) -> None:
    (found,) = [one for one in template(values) if one["kind"] == "ValidatingWebhookConfiguration"]
    expected = webhook_configuration(
        f"infergraph-operator-{NAMESPACE}",
        service_client("infergraph-webhook", NAMESPACE),
        controller_id=values.get("controllerId", ""),
        watched_namespace=NAMESPACE if values.get("singleNamespace") else "",
    )
    del found["metadata"]["labels"]
    assert found == expected


def test_the_webhooks_service_leads_to_its_port() -> None:
    objects = template({"webhook": {"port": 9443}})
    service = of(objects, "Service", "infergraph-webhook")
    pod = of(objects, "Deployment")["spec"]["template"]
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    (port,) = service["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (443, "webhook")
    assert {"name": "webhook", "containerPort": 9443, "protocol": "TCP"} in pod["spec"]["containers"][0]["ports"]


def test_its_pod_is_as_harmless_as_it_can_be() -> None:
    pod = of(template(), "Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 8888,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]) == {"requests", "limits"}
    own = template({"manager": {"containerSecurityContext": {"runAsGroup": 5, "readOnlyRootFilesystem": False}}})
    context = of(own, "Deployment")["spec"]["template"]["spec"]["containers"][0]["securityContext"]
    assert (context["runAsGroup"], context["readOnlyRootFilesystem"]) == (5, False)
    assert context["capabilities"] == {"drop": ["ALL"]}


def test_a_change_of_settings_starts_other_pods() -> None:
    def mark(values: Any) -> str:
        found = of(template(values), "Deployment")["spec"]["template"]["metadata"]["annotations"]
        return str(found["infergraph.io/settings"])

    assert mark({}) == mark({"webhook": {"failurePolicy": "Ignore"}})
    assert mark({}) != mark({"settings": {"fuse": False}})


def test_settings_go_before_values() -> None:
    values = {"istio": {"enabled": True}, "settings": {"istio": {"gateway": "a/b"}, "runtimes": ["XGBOOST_SERVER"]}}
    settings = settings_in(values)
    assert (settings.istio.enabled, settings.istio.gateway) == (True, "a/b")
    assert settings.runtimes == ("XGBOOST_SERVER",)


@pytest.mark.parametrize("user", ["", None])
def test_no_user_as_openshift_wants_it(user: Any) -> None:
    assert settings_in({"settings": {}, "defaultUserID": user}).default_user_id is None


def test_a_config_map_of_v1_is_mounted_and_named() -> None:
    objects = template({"seldonConfig": {"name": "seldon-config"}})
    pod = of(objects, "Deployment")["spec"]["template"]["spec"]
    assert {"name": "seldon-config", "configMap": {"name": "seldon-config"}} in pod["volumes"]
    assert "--seldon-config=/etc/seldon-config" in pod["containers"][0]["args"]
    assert not any(word.startswith("--seldon-config") for word in arguments())


def test_where_it_looks_after_deployments() -> None:
    assert "--all-namespaces" in arguments()
    assert f"--namespace={NAMESPACE}" in arguments({"singleNamespace": True})
    assert "--controller-id=blue" in arguments({"controllerId": "blue"})


def test_everything_is_in_the_namespace_that_is_named() -> None:
    objects = template({"namespaceOverride": "elsewhere"})
    namespaces = {one["metadata"]["namespace"] for one in objects if "namespace" in one["metadata"]}
    assert namespaces == {"elsewhere"}
    (hook,) = of(objects, "ValidatingWebhookConfiguration")["webhooks"]
    assert hook["clientConfig"]["service"]["namespace"] == "elsewhere"


def test_monitors_find_what_they_are_for() -> None:
    objects = template({"serviceMonitor": {"enabled": True, "labels": {"a": "b"}}, "podMonitor": {"enabled": True}})
    monitor = of(objects, "ServiceMonitor")
    assert monitor["metadata"]["labels"]["a"] == "b"
    labels = of(objects, "Service", "infergraph-operator-metrics")["metadata"]["labels"]
    assert monitor["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert of(objects, "PodMonitor")["spec"]["podMetricsEndpoints"][0]["path"] == Settings().engine.prometheus_path
