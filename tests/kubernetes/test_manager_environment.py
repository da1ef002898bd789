import pytest

from infergraph.errors import SetupError
from infergraph.kubernetes.manager_environment import VARIABLES, of_manager_environment
from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.objects.settings import AmbassadorVersion, settings_of

OF_THE_CHART = {
    "AMBASSADOR_ENABLED": "true",
    "AMBASSADOR_SINGLE_NAMESPACE": "false",
    "AMBASSADOR_VERSION": "v1",
    "DEFAULT_USER_ID": "8888",
    "DEPLOYMENT_NAME_AS_PREFIX": "false",
    "ENGINE_SERVER_GRPC_PORT": "5001",
    "ENGINE_SERVER_PORT": "8000",
    "EXECUTOR_CONTAINER_IMAGE_AND_VERSION": "docker.io/seldonio/seldon-core-executor:1.16.0",
    "EXECUTOR_CONTAINER_IMAGE_PULL_POLICY": "Always",
    "EXECUTOR_CONTAINER_SERVICE_ACCOUNT_NAME": "engines",
    "EXECUTOR_CONTAINER_USER": "8888",
    "EXECUTOR_DEFAULT_CPU_LIMIT": "1",
    "EXECUTOR_DEFAULT_MEMORY_REQUEST": "256Mi",
    "EXECUTOR_FULL_HEALTH_CHECKS": "true",
    "EXECUTOR_PROMETHEUS_PATH": "/metrics",
    "EXECUTOR_REQUEST_LOGGER_DEFAULT_ENDPOINT": "http://broker",
    "EXECUTOR_REQUEST_LOGGER_WORK_QUEUE_SIZE": "10",
    "EXECUTOR_REQUEST_LOGGER_WRITE_TIMEOUT_MS": "20",
    "EXECUTOR_SERVER_METRICS_PORT_NAME": "m",
    "ISTIO_ENABLED": "true",
    "ISTIO_GATEWAY": "mesh/gate",
    "ISTIO_TLS_MODE": "ISTIO_MUTUAL",
    "KEDA_ENABLED": "true",
    "PREDICTIVE_UNIT_DEFAULT_ENV_SECRET_REF_NAME": "store",
    "PREDICTIVE_UNIT_GRPC_SERVICE_PORT": "9600",
    "PREDICTIVE_UNIT_HTTP_SERVICE_PORT": "9100",
    "PREDICTIVE_UNIT_METRICS_PORT_NAME": "numbers",
    "MANAGER_CREATE_RESOURCES": "false",
}


def test_an_installations_environment() -> None:
    settings = settings_of(of_manager_environment(OF_THE_CHART))
    assert settings.istio.enabled
    assert (settings.istio.gateway, settings.istio.tls_mode) == ("mesh/gate", "ISTIO_MUTUAL")
    assert settings.ambassador.version is AmbassadorVersion.V1
    assert settings.keda.enabled
    assert settings.default_user_id == 8888
    engine = settings.engine
    assert engine.image == "docker.io/seldonio/seldon-core-executor:1.16.0"
    assert (engine.user_id, engine.image_pull_policy, engine.service_account_name) == (8888, "Always", "engines")
    assert (engine.resources.limits, engine.resources.requests) == ({"cpu": "1"}, {"memory": "256Mi"})
    assert (engine.log_work_buffer_size, engine.log_write_timeout_ms, engine.full_health_checks) == (10, 20, True)
    assert (settings.unit.http_port, settings.unit.grpc_port, settings.unit.metrics_port_name) == (
        9100,
        9600,
        "numbers",
    )
    assert settings.unit.default_env_secret_ref_name == "store"


def test_nothing_said_and_empty_texts_are_the_default() -> None:
    assert settings_of(of_manager_environment({})) == Settings()
    assert settings_of(of_manager_environment(dict.fromkeys(VARIABLES, ""))) == Settings()


def test_every_variable_says_something() -> None:
    """None is forgotten, and none names a setting that is not there."""
    texts = ("true", "7", "v1")
    for name in VARIABLES:
        tried = []
        for text in texts:
            try:
                tried.append(settings_of(of_manager_environment({name: text})))
            except SetupError:
                continue
        assert any(one != Settings() for one in tried), name


def test_images_for_openshift() -> None:
    images = {
        "RELATED_IMAGE_EXECUTOR": "r/executor@sha256:1",
        "EXECUTOR_CONTAINER_IMAGE_AND_VERSION": "other",
        "RELATED_IMAGE_SKLEARNSERVER_V2": "r/mlserver@sha256:2",
        "RELATED_IMAGE_TENSORFLOW": "r/tensorflow:3",
        "RELATED_IMAGE_STORAGE_INITIALIZER": "r/rclone:4",
    }
    settings = settings_of(of_manager_environment(images))
    assert settings.engine.image == "r/executor@sha256:1"
    assert settings.servers["SKLEARN_SERVER"].image("v2") == "r/mlserver@sha256:2"
    assert settings.servers["TENSORFLOW_SERVER"].image("tensorflow") == "r/tensorflow:3"
    assert settings.storage_initializer.image == "r/rclone:4"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [("ISTIO_ENABLED", "yes", "true or false"), ("ENGINE_SERVER_PORT", "http", "a whole number")],
)
def test_a_mistake_names_the_variable(name: str, text: str, expected: str) -> None:
    with pytest.raises(SetupError, match=f"{name}: expected {expected}, got '{text}'"):
        of_manager_environment({name: text})
