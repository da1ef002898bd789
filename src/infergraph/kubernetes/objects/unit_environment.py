"""What a unit's process is told by environment variables (SELDON_V1 §2.3)."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from infergraph.declaration import Container, EnvVar, Parameter, PredictiveUnit
from infergraph.kubernetes.objects.variant import Variant

MODELS = "/mnt/models"
"""Where a unit finds its model files."""
PARAMETERS = "PREDICTIVE_UNIT_PARAMETERS"


def unit_environment(variant: Variant, unit: PredictiveUnit, container: Container) -> tuple[EnvVar, ...]:
    """The variables of a unit's container; it has its ports already.

    What the user says of ports, parameters and model goes before the operator's word; where the unit is does not.
    """
    offered, fixed = _offered(variant, unit, container), _fixed(variant, container)
    return with_fixed([*container.env, *_missing(offered, container)], fixed)


def with_fixed(variables: Iterable[EnvVar], fixed: Sequence[EnvVar]) -> tuple[EnvVar, ...]:
    """The variables with those that are fixed at their end. Each name stands once: server-side apply refuses others."""
    found: dict[str, EnvVar] = {}
    for variable in [*variables, *fixed]:
        found.pop(variable.name, None)
        found[variable.name] = variable
    return tuple(found.values())


def variables(pairs: Iterable[tuple[str, object]]) -> list[EnvVar]:
    """Names and values as variables."""
    return [EnvVar(name=name, value=str(value)) for name, value in pairs]


def parameters_json(parameters: Iterable[Parameter]) -> str:
    """Parameters as components read them: a JSON list of name, value and type."""
    return text([{"name": one.name, "value": one.value, "type": str(one.type)} for one in parameters])


def text(value: Any) -> str:
    """Compact JSON."""
    return msgspec.json.encode(value).decode()


def _missing(offered: list[EnvVar], container: Container) -> list[EnvVar]:
    said = {variable.name for variable in container.env}
    return [variable for variable in offered if variable.name not in said]


def _offered(variant: Variant, unit: PredictiveUnit, container: Container) -> list[EnvVar]:
    http, grpc = container.port("http"), container.port("grpc")
    pairs: list[tuple[str, object]] = [
        ("PREDICTIVE_UNIT_SERVICE_PORT", grpc if variant.is_grpc else http),
        ("PREDICTIVE_UNIT_HTTP_SERVICE_PORT", http),
        ("MLSERVER_HTTP_PORT", http),
        ("PREDICTIVE_UNIT_GRPC_SERVICE_PORT", grpc),
        ("MLSERVER_GRPC_PORT", grpc),
    ]
    if unit.parameters:
        pairs.append((PARAMETERS, parameters_json(unit.parameters)))
    if unit.model_uri:
        pairs.append(("MLSERVER_MODEL_URI", MODELS))
    return variables(pairs)


def _fixed(variant: Variant, container: Container) -> list[EnvVar]:
    pairs: list[tuple[str, object]] = [
        ("PREDICTIVE_UNIT_ID", container.name),
        ("MLSERVER_MODEL_NAME", container.name),
        ("PREDICTIVE_UNIT_IMAGE", container.image),
        ("PREDICTOR_ID", variant.predictor.name),
        ("PREDICTOR_LABELS", text(dict(sorted(variant.predictor.labels.items())))),
        ("SELDON_DEPLOYMENT_ID", variant.deployment.name),
        ("SELDON_EXECUTOR_ENABLED", "true"),
    ]
    path = variant.settings.engine.prometheus_path
    if (port := container.port(variant.settings.unit.metrics_port_name)) is not None:
        pairs += [("PREDICTIVE_UNIT_METRICS_SERVICE_PORT", port), ("MLSERVER_METRICS_PORT", port)]
        pairs += [("PREDICTIVE_UNIT_METRICS_ENDPOINT", path), ("MLSERVER_METRICS_ENDPOINT", path)]
    return variables(pairs)
