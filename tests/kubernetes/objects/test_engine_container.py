import base64
import json
from typing import Any

import pytest

from infergraph.errors import BadManifest
from infergraph.kubernetes.objects import objects
from tests.declaration.samples import MODEL, deployment
from tests.kubernetes.rendering import env, flags, made


def predictor(name: str) -> Any:
    """What the engine is told of its predictor."""
    return json.loads(base64.b64decode(env(made(name).engine())["ENGINE_PREDICTOR"]))


def test_its_arguments_in_their_order() -> None:
    assert made("own_image").engine()["args"] == [
        *["--sdep", "own-image", "--namespace", "models", "--predictor", "default"],
        *["--http_port", "8000", "--grpc_port", "5001", "--protocol", "seldon", "--transport", "rest"],
        *["--prometheus_path", "/prometheus", "--server_type", "rpc"],
        *["--log_work_buffer_size", "10000", "--log_write_timeout_ms", "2000", "--full_health_checks=false"],
        *["--shutdown_delay", "5s", "--graceful_timeout", "13s"],
    ]


def test_protocol_and_transport_are_the_deployments() -> None:
    assert flags(made("grpc").engine())["--transport"] == "grpc"
    assert flags(made("triton").engine())["--protocol"] == "v2"


def test_it_has_as_long_to_end_as_the_pod_has() -> None:
    assert flags(made("probes_given").engine())["--graceful_timeout"] == "83s"


def test_its_ports() -> None:
    """`metrics` is what Prometheus looks for; server-side apply takes a number once only."""
    assert made("plain").engine()["ports"] == [
        {"name": "metrics", "containerPort": 8000, "protocol": "TCP"},
        {"name": "grpc", "containerPort": 5001, "protocol": "TCP"},
    ]
    assert made("scraping").engine()["ports"][0]["name"] == "metrics-engine"


def test_its_probes() -> None:
    engine = made("own_image").engine()
    numbers = {"periodSeconds": 5, "failureThreshold": 3, "successThreshold": 1, "timeoutSeconds": 60}
    live = {"httpGet": {"path": "/live", "port": 8000, "scheme": "HTTP"}}
    ready = {"httpGet": {"path": "/ready", "port": 8000, "scheme": "HTTP"}}
    assert engine["livenessProbe"] == {**live, "initialDelaySeconds": 20, **numbers}
    assert engine["readinessProbe"] == {**ready, "initialDelaySeconds": 1, **numbers}


def test_its_resources() -> None:
    usual = {"cpu": "500m", "memory": "512Mi"}
    assert made("own_image").engine()["resources"] == {"requests": usual, "limits": usual}
    tuned = {"requests": {"cpu": "100m"}, "limits": {"cpu": "1", "memory": "1Gi"}}
    assert made("engine_tuned").engine()["resources"] == tuned


def test_its_environment() -> None:
    assert list(env(made("own_image").engine())) == ["ENGINE_PREDICTOR", "REQUEST_LOGGER_DEFAULT_ENDPOINT"]
    tuned = env(made("engine_tuned").engine())
    assert tuned["SELDON_LOG_LEVEL"] == "DEBUG"
    assert tuned["REQUEST_LOGGER_DEFAULT_ENDPOINT"] == "http://logger"


def test_annotations_become_variables_unless_they_are_there() -> None:
    engine = made("engine_annotations").engine()
    assert env(engine)["LOG_LEVEL"] == "DEBUG"
    assert env(engine)["MAX_THINGS"] == "7"


def test_annotations_become_flags() -> None:
    engine = made("engine_annotations").engine()
    assert flags(engine)["--log_work_buffer_size"] == "500"
    assert flags(engine)["--log_write_timeout_ms"] == "250"


def test_an_annotation_that_is_no_number_is_refused() -> None:
    annotations = "{seldon.io/executor-logger-queue-size: many}"
    declared = deployment(
        f"{{annotations: {annotations}, predictors: [{{name: p, graph: {MODEL.replace('models/', 'gs://models/')}}}]}}"
    )
    with pytest.raises(BadManifest, match="executor-logger-queue-size is a whole number, got 'many'"):
        objects(declared)


def test_the_predictor_is_the_defaulted_one_without_its_traffic_and_pods() -> None:
    told = predictor("own_image")
    assert told["name"] == "default"
    assert told["labels"] == {"version": "default"}
    assert told["graph"]["endpoint"] == {
        "service_host": "localhost",
        "service_port": 9000,
        "httpPort": 9000,
        "grpcPort": 9500,
    }
    assert "traffic" not in told
    assert "replicas" not in told


def test_to_scale_restarts_no_engine() -> None:
    """What its pod says would change, if it were told how many of it there are."""
    scaled = predictor("hpa_v2beta1")
    assert "hpaSpec" not in str(scaled)
    assert "pdbSpec" not in str(predictor("pdb"))
    assert "replicas" not in str(predictor("separate_engine"))


def test_a_fused_unit_has_no_endpoint_and_its_files_are_here() -> None:
    unit = predictor("plain")["graph"]
    assert "endpoint" not in unit
    assert unit["modelUri"] == "/mnt/models/classifier"


def test_a_separate_engine_calls_its_units_by_their_services() -> None:
    first = predictor("separate_engine")["graph"]
    host = "separate-engine-default-second.models.svc.cluster.local"
    assert first["endpoint"]["service_host"] == "separate-engine-default-classifier.models.svc.cluster.local"
    assert first["children"][0]["endpoint"]["service_host"] == host


def test_a_separate_engine_has_its_own_replicas_and_account() -> None:
    engine = made("separate_engine").one("Deployment", "separate-engine-default-svc-orch")
    assert engine["spec"]["replicas"] == 3
    assert engine["spec"]["template"]["spec"]["serviceAccountName"] == "default"
    assert (
        made("separate_engine").one("Deployment", "separate-engine-default-0-second-classifier")["spec"]["replicas"]
        == 2
    )


def test_a_container_of_the_users_may_be_the_engine() -> None:
    engine = made("own_engine").engine()
    assert engine == {"name": "seldon-container-engine", "image": "example/engine:1.0"}
    assert "classifier" in made("own_engine").containers()


def test_without_an_engine_there_is_none() -> None:
    assert list(made("no_engine").containers()) == ["classifier"]


def test_a_graph_of_what_is_built_in_has_a_pod_all_the_same() -> None:
    assert made("built_in").names("Deployment") == ["built-in-default-0-simple"]
    assert list(made("built_in").containers()) == ["seldon-container-engine"]


def test_its_certificate() -> None:
    secret = {"name": "seldon-cert-volume", "secret": {"secretName": "certificate"}}
    assert secret in made("ssl").pod()["volumes"]
    mount = {"name": "seldon-cert-volume", "mountPath": "/cert/", "readOnly": True}
    assert all(mount in container["volumeMounts"] for container in made("ssl").containers().values())
    engine = made("ssl").engine()
    assert env(engine)["SELDON_CERT_MOUNT_PATH"] == "/cert/"
    assert engine["readinessProbe"]["httpGet"]["scheme"] == engine["livenessProbe"]["httpGet"]["scheme"] == "HTTPS"


def test_a_separate_engine_alone_has_the_certificate() -> None:
    engine = made("ssl_separate").containers("ssl-separate-default-svc-orch")["seldon-container-engine"]
    assert {"name": "seldon-cert-volume", "mountPath": "/tls/", "readOnly": True} in engine["volumeMounts"]
    assert "seldon-cert-volume" not in str(made("ssl_separate").pod("ssl-separate-default-0-classifier"))


def test_an_executor_of_others_is_told_what_it_knows() -> None:
    found = made("executor").engine()
    assert found["image"] == "docker.io/seldonio/seldon-core-executor:1.16.0"
    assert list(flags(found)) == [
        "--sdep",
        "--namespace",
        "--predictor",
        "--http_port",
        "--grpc_port",
        "--protocol",
        "--transport",
        "--prometheus_path",
        "--server_type",
        "--log_work_buffer_size",
        "--log_write_timeout_ms",
        "--full_health_checks",
    ]
    assert found["securityContext"] == {"runAsUser": 8888, "allowPrivilegeEscalation": False}
    assert found["readinessProbe"]["initialDelaySeconds"] == 20
    assert env(found)["LOG_LEVEL"] == "DEBUG"
    assert env(found)["ENGINE_PREDICTOR"]


def test_no_unit_runs_inside_of_it_and_theirs_run_in_their_images() -> None:
    containers = made("executor").containers()
    assert containers["classifier"]["image"] == "seldonio/sklearnserver:1.16.0"
    (initializer,) = made("executor").pod()["initContainers"]
    assert initializer["image"] == "seldonio/rclone-storage-initializer:1.16.0"
    assert initializer["args"] == ["gs://models/iris", "/mnt/models"]
