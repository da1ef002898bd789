"""The environment of a Seldon Core v1 manager, read as settings (SELDON_V1 §2.9)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from infergraph.errors import SetupError

_BOOLEANS: Final = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}


def _text(text: str) -> str:
    return text


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise ValueError("a whole number")
    return int(text)


def _switch(text: str) -> bool:
    if text.lower() not in _BOOLEANS:
        raise ValueError("true or false")
    return _BOOLEANS[text.lower()]


_VARIABLES: Final[tuple[tuple[str, str, Callable[[str], Any]], ...]] = (
    ("ISTIO_ENABLED", "istio.enabled", _switch),
    ("ISTIO_GATEWAY", "istio.gateway", _text),
    ("ISTIO_TLS_MODE", "istio.tlsMode", _text),
    ("AMBASSADOR_ENABLED", "ambassador.enabled", _switch),
    ("AMBASSADOR_VERSION", "ambassador.version", _text),
    ("AMBASSADOR_SINGLE_NAMESPACE", "ambassador.singleNamespace", _switch),
    ("KEDA_ENABLED", "keda.enabled", _switch),
    ("DEFAULT_USER_ID", "defaultUserID", _number),
    ("DEPLOYMENT_NAME_AS_PREFIX", "deploymentNameAsPrefix", _switch),
    ("ENGINE_SERVER_PORT", "engine.port", _number),
    ("EXECUTOR_SERVER_PORT", "engine.port", _number),
    ("ENGINE_SERVER_GRPC_PORT", "engine.grpcPort", _number),
    ("EXECUTOR_SERVER_GRPC_PORT", "engine.grpcPort", _number),
    ("EXECUTOR_CONTAINER_IMAGE_AND_VERSION", "engine.image", _text),
    ("RELATED_IMAGE_EXECUTOR", "engine.image", _text),
    ("EXECUTOR_CONTAINER_IMAGE_PULL_POLICY", "engine.imagePullPolicy", _text),
    ("EXECUTOR_CONTAINER_USER", "engine.userID", _number),
    ("EXECUTOR_CONTAINER_SERVICE_ACCOUNT_NAME", "engine.serviceAccountName", _text),
    ("EXECUTOR_SERVER_METRICS_PORT_NAME", "engine.metricsPortName", _text),
    ("EXECUTOR_PROMETHEUS_PATH", "engine.prometheusPath", _text),
    ("EXECUTOR_REQUEST_LOGGER_DEFAULT_ENDPOINT", "engine.requestLoggerEndpoint", _text),
    ("EXECUTOR_REQUEST_LOGGER_WORK_QUEUE_SIZE", "engine.logWorkBufferSize", _number),
    ("EXECUTOR_REQUEST_LOGGER_WRITE_TIMEOUT_MS", "engine.logWriteTimeoutMs", _number),
    ("EXECUTOR_FULL_HEALTH_CHECKS", "engine.fullHealthChecks", _switch),
    ("EXECUTOR_DEFAULT_CPU_REQUEST", "engine.resources.requests.cpu", _text),
    ("EXECUTOR_DEFAULT_MEMORY_REQUEST", "engine.resources.requests.memory", _text),
    ("EXECUTOR_DEFAULT_CPU_LIMIT", "engine.resources.limits.cpu", _text),
    ("EXECUTOR_DEFAULT_MEMORY_LIMIT", "engine.resources.limits.memory", _text),
    ("DEFAULT_CERT_MOUNT_PATH_NAME", "engine.certMountPath", _text),
    ("PREDICTIVE_UNIT_HTTP_SERVICE_PORT", "unit.httpPort", _number),
    ("PREDICTIVE_UNIT_GRPC_SERVICE_PORT", "unit.grpcPort", _number),
    ("PREDICTIVE_UNIT_METRICS_SERVICE_PORT", "unit.metricsPort", _number),
    ("PREDICTIVE_UNIT_METRICS_PORT_NAME", "unit.metricsPortName", _text),
    ("PREDICTIVE_UNIT_DEFAULT_ENV_SECRET_REF_NAME", "unit.defaultEnvSecretRefName", _text),
    ("RELATED_IMAGE_STORAGE_INITIALIZER", "storageInitializer.image", _text),
)
"""In the order in which a later one goes before an earlier one."""
_IMAGES: Final = {
    "RELATED_IMAGE_SKLEARNSERVER": ("SKLEARN_SERVER", "seldon"),
    "RELATED_IMAGE_XGBOOSTSERVER": ("XGBOOST_SERVER", "seldon"),
    "RELATED_IMAGE_MLFLOWSERVER": ("MLFLOW_SERVER", "seldon"),
    "RELATED_IMAGE_SKLEARNSERVER_V2": ("SKLEARN_SERVER", "v2"),
    "RELATED_IMAGE_XGBOOSTSERVER_V2": ("XGBOOST_SERVER", "v2"),
    "RELATED_IMAGE_MLFLOWSERVER_V2": ("MLFLOW_SERVER", "v2"),
    "RELATED_IMAGE_TENSORFLOW": ("TENSORFLOW_SERVER", "tensorflow"),
    "RELATED_IMAGE_TFPROXY": ("TENSORFLOW_SERVER", "seldon"),
}
VARIABLES: Final = frozenset({*(name for name, _, _ in _VARIABLES), *_IMAGES})


def of_manager_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """What those variables of the environment say that are not empty, as plain data for `settings_of`.

    :raises SetupError: naming the variable, when it is not what it should be.
    """
    found: dict[str, Any] = {}
    for name, place, read in _VARIABLES:
        if text := environment.get(name, "").strip():
            _put(found, place.split("."), _read(name, text, read))
    for name, (server, protocol) in _IMAGES.items():
        if text := environment.get(name, "").strip():
            _put(found, ["servers", server, "protocols", protocol], {"image": text, "defaultImageVersion": ""})
    return found


def _read(name: str, text: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(text)
    except ValueError as error:
        raise SetupError(f"{name}: expected {error}, got {text!r}") from None


def _put(found: dict[str, Any], place: list[str], value: Any) -> None:
    for name in place[:-1]:
        found = found.setdefault(name, {})
    found[place[-1]] = value
