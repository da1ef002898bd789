"""Prepackaged servers that run in images of others (SELDON_V1 §5.2).

What the user's container entry says is kept; the image is there already where the server map has one.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from infergraph.declaration import Container, ContainerPort, EnvVar, Parameter, ParameterType, PredictiveUnit
from infergraph.kubernetes.objects import probes
from infergraph.kubernetes.objects.model_files import DIGEST, reads_uri_itself
from infergraph.kubernetes.objects.unit_environment import MODELS, PARAMETERS, parameters_json, text, with_fixed
from infergraph.kubernetes.objects.variant import Variant

TF_SERVING: Final = "tfserving"
_MLSERVER: Final[Mapping[str, str]] = {
    "SKLEARN_SERVER": "mlserver_sklearn.SKLearnModel",
    "XGBOOST_SERVER": "mlserver_xgboost.XGBoostModel",
    "MLFLOW_SERVER": "mlserver_mlflow.MLflowRuntime",
    "HUGGINGFACE_SERVER": "mlserver_huggingface.HuggingFaceRuntime",
    "TEMPO_SERVER": "tempo.mlserver.InferenceRuntime",
}
_TF_GRPC_PORT: Final = 2000
_TF_HTTP_PORT: Final = 2001


def prepackaged(variant: Variant, unit: PredictiveUnit, entry: Container) -> tuple[Container, ...]:
    """The container of the unit, and for some servers another one beside it."""
    if unit.implementation == "TRITON_SERVER":
        return (_triton(variant, unit, entry),)
    if unit.implementation == "TENSORFLOW_SERVER":
        return _tensorflow(variant, unit, entry)
    if variant.protocol in ("v2", "kfserving"):
        return (_mlserver(variant, unit, entry),)
    return (_seldon(unit, entry),)


def file_reader(variant: Variant, unit: PredictiveUnit) -> str:
    """The name of the container that reads the unit's model files."""
    is_proxied = unit.implementation == "TENSORFLOW_SERVER" and variant.protocol != "tensorflow"
    return TF_SERVING if is_proxied else unit.name


def _seldon(unit: PredictiveUnit, entry: Container) -> Container:
    model = [_text("model_uri", MODELS)] if unit.model_uri else []
    return _with_parameters(entry, [*_others(unit, "model_uri"), *model])


def _mlserver(variant: Variant, unit: PredictiveUnit, entry: Container) -> Container:
    said = {
        "MLSERVER_HTTP_PORT": str(entry.port("http")),
        "MLSERVER_GRPC_PORT": str(entry.port("grpc")),
        "MLSERVER_MODEL_IMPLEMENTATION": _MLSERVER.get(unit.implementation, ""),
        "MLSERVER_MODEL_NAME": unit.name,
        "MLSERVER_MODEL_VERSION": "v1",
        "MLSERVER_MODEL_URI": MODELS,
        "TEMPO_RUNTIME_OPTIONS": _tempo(variant.namespace),
    }
    if unit.implementation == "HUGGINGFACE_SERVER":
        said |= {"MLSERVER_PARALLEL_WORKERS": "0", "XDG_CACHE_HOME": "/opt/mlserver"}
    mine = {variable.name for variable in entry.env}
    more = [EnvVar(name=name, value=value) for name, value in said.items() if name not in mine]
    ready = _open_inference(entry.readiness_probe, "ready", delay_s=20, timeout_s=60)
    live = _open_inference(entry.liveness_probe, "live", delay_s=20, timeout_s=60)
    return replace(entry, env=(*entry.env, *more), readiness_probe=ready, liveness_probe=live)


def _tempo(namespace: str) -> str:
    options = {"defaultRuntime": "tempo.seldon.SeldonKubernetesRuntime", "namespace": namespace}
    return text({"k8s_options": options})


def _open_inference(stated: Any, what: str, *, delay_s: int, timeout_s: int = 1, period_s: int = 5) -> dict[str, Any]:
    handler = probes.http(f"/v2/health/{what}", "http")
    return dict(stated) if stated else probes.probe(handler, delay_s=delay_s, timeout_s=timeout_s, period_s=period_s)


def _triton(variant: Variant, unit: PredictiveUnit, entry: Container) -> Container:
    fetches = reads_uri_itself(variant, unit)
    args = (
        "/opt/tritonserver/bin/tritonserver",
        f"--grpc-port={entry.port('grpc')}",
        f"--http-port={entry.port('http')}",
        f"--model-repository={unit.model_uri if fetches else MODELS}",
        *(_triton_flags(unit) if fetches else ("--strict-model-config=false",)),
    )
    secret = unit.env_secret_ref_name or variant.settings.unit.default_env_secret_ref_name
    env_from = ({"secretRef": {"name": secret}},) if fetches and secret else ()
    return replace(
        entry,
        args=entry.args or args,
        env_from=(*entry.env_from, *env_from),
        readiness_probe=_open_inference(entry.readiness_probe, "ready", delay_s=20, period_s=10),
        liveness_probe=_open_inference(entry.liveness_probe, "live", delay_s=60),
    )


def _triton_flags(unit: PredictiveUnit) -> tuple[str, ...]:
    names = {"model_control_mode": "model-control-mode", "load_model": "load-model", "strict_model_config": ""}
    flags = [f"--{names[one.name]}={one.value}" for one in unit.parameters if names.get(one.name)]
    strict = unit.parameter("strict_model_config")
    return (f"--strict-model-config={strict.value if strict else 'false'}", *flags)


def _tensorflow(variant: Variant, unit: PredictiveUnit, entry: Container) -> tuple[Container, ...]:
    if variant.protocol == "tensorflow":
        image = entry.image or _tf_image(variant)
        args = (f"--port={entry.port('grpc')}", f"--rest_api_port={entry.port('http')}", *_tf_model(unit))
        return (replace(entry, image=image, args=entry.args or args),)
    known = {one.name for one in unit.parameters}
    parameters = _others(unit, "model_name")
    if not known & {"rest_endpoint", "grpc_endpoint"}:
        parameters += [_text("rest_endpoint", f"http://0.0.0.0:{_TF_HTTP_PORT}")]
        parameters += [_text("grpc_endpoint", f"0.0.0.0:{_TF_GRPC_PORT}")]
    proxy = _with_parameters(entry, [*parameters, _text("model_name", unit.name)])
    return proxy, _tf_serving(variant, unit)


def _tf_serving(variant: Variant, unit: PredictiveUnit) -> Container:
    """TensorFlow Serving beside its proxy; a container of that name of the user's is completed."""
    stated = variant.predictor.container(TF_SERVING) or Container(name=TF_SERVING)
    args = (f"--port={_TF_GRPC_PORT}", f"--rest_api_port={_TF_HTTP_PORT}", *_tf_model(unit))
    ports = (ContainerPort(container_port=_TF_GRPC_PORT), ContainerPort(container_port=_TF_HTTP_PORT))
    return replace(
        stated,
        image=stated.image or _tf_image(variant),
        image_pull_policy=stated.image_pull_policy or "IfNotPresent",
        args=stated.args or args,
        ports=stated.ports or ports,
    )


def _tf_model(unit: PredictiveUnit) -> tuple[str, str]:
    return f"--model_name={unit.name}", f"--model_base_path={MODELS}"


def _tf_image(variant: Variant) -> str:
    return variant.settings.defaults().servers["TENSORFLOW_SERVER"].image("tensorflow")


def _with_parameters(entry: Container, parameters: list[Parameter]) -> Container:
    if not parameters:
        return entry
    return replace(entry, env=with_fixed(entry.env, [EnvVar(name=PARAMETERS, value=parameters_json(parameters))]))


def _others(unit: PredictiveUnit, name: str) -> list[Parameter]:
    return [one for one in unit.parameters if one.name not in (name, DIGEST)]


def _text(name: str, value: str) -> Parameter:
    return Parameter(name=name, value=value, type=ParameterType.STRING)
