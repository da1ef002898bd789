"""A prepackaged server of ours in a container of its own."""

from typing import Any

from msgspec.structs import replace

from infergraph.declaration import Container, EnvVar, Parameter, ParameterType, PredictiveUnit
from infergraph.kubernetes.objects import probes, security
from infergraph.kubernetes.objects.engine_predictor import alone
from infergraph.kubernetes.objects.model_files import DIGEST
from infergraph.kubernetes.objects.unit_environment import MODELS, PARAMETERS, parameters_json, with_fixed
from infergraph.kubernetes.objects.variant import Variant
from infergraph.kubernetes.objects.volumes import with_scratch


def own_server(variant: Variant, unit: PredictiveUnit, entry: Container, runtime: str, pod: Any) -> Container:
    """The container that serves the unit with our image: a microservice, or for other protocols an engine."""
    settings = variant.settings
    container = replace(
        entry,
        image=settings.image,
        image_pull_policy=settings.image_pull_policy,
        volume_mounts=with_scratch(entry.volume_mounts),
        security_context=security.strict(entry.security_context, pod),
    )
    if entry.command or entry.args:
        return container
    return (
        _microservice(unit, container, runtime) if variant.protocol == "seldon" else _engine(variant, unit, container)
    )


def _microservice(unit: PredictiveUnit, container: Container, runtime: str) -> Container:
    model = Parameter(name="model_uri", value=MODELS, type=ParameterType.STRING)
    given = [one for one in unit.parameters if one.name not in (DIGEST, model.name)]
    env = with_fixed(container.env, [EnvVar(name=PARAMETERS, value=parameters_json([*given, model]))])
    return replace(container, args=("microservice", runtime), env=env)


def _engine(variant: Variant, unit: PredictiveUnit, container: Container) -> Container:
    """All protocols are answered by an engine, and a unit alone is a graph."""
    http, grpc = container.port("http"), container.port("grpc")
    said = [
        ("--sdep", variant.deployment.name),
        ("--namespace", variant.namespace),
        ("--predictor", variant.predictor.name),
        ("--http_port", str(http)),
        ("--grpc_port", str(grpc)),
    ]
    return replace(
        container,
        args=("engine", *(word for pair in said for word in pair)),
        env=with_fixed(container.env, [EnvVar(name="ENGINE_PREDICTOR", value=alone(variant, unit))]),
        liveness_probe=container.liveness_probe or probes.probe(probes.http("/live", "http"), delay_s=20),
        readiness_probe=container.readiness_probe or probes.probe(probes.http("/ready", "http"), delay_s=1),
    )
