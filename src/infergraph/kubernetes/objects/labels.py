"""The labels and annotations by which people and tools find a deployment's objects (SELDON_V1 §2.2)."""

from collections.abc import Mapping
from typing import Final

from infergraph.declaration import PredictiveUnit, SeldonPodSpec, UnitType
from infergraph.kubernetes.objects import names
from infergraph.kubernetes.objects.variant import EnginePlace, Variant

MANAGED_BY: Final = {"app.kubernetes.io/managed-by": "seldon-core"}
ID: Final = "seldon-deployment-id"
APP: Final = "seldon-app"
HAS_ENGINE: Final = "seldon-deployment-contains-svcorch"
_ROLES: Final[Mapping[UnitType, str]] = {
    UnitType.MODEL: "seldon.io/model",
    UnitType.ROUTER: "seldon.io/router",
    UnitType.COMBINER: "seldon.io/combiner",
    UnitType.TRANSFORMER: "seldon.io/transformer",
    UnitType.OUTPUT_TRANSFORMER: "seldon.io/output-transformer",
}
_READ_BY_PROCESSES: Final = ("seldon.io/", "infergraph.io/")


def selector(variant: Variant, index: int) -> dict[str, str]:
    """By what the Deployment of a component finds its pods. It never changes: fused or not, the labels are the same."""
    found = {ID: variant.seldon_id}
    for container in variant.predictor.component_specs[index].containers:
        if container.name in variant.units:
            found[names.service_label(container.name)] = variant.service_name(container.name)
    if variant.has_engine(index) or variant.engine is EnginePlace.NONE:
        found[APP] = variant.key
    # A pod without a unit would have nothing of its own, and its Deployment would take all pods for its own.
    return found if len(found) > 1 else {**found, "app": variant.component_name(index)}


def engine_selector(variant: Variant) -> dict[str, str]:
    """By what the Deployment of an engine in a pod of its own finds its pods."""
    return {ID: variant.seldon_id, APP: variant.key}


def pod_labels(variant: Variant, index: int) -> dict[str, str]:
    """The labels of a component's pods; those of the selector cannot be replaced by the user's."""
    component = variant.predictor.component_specs[index]
    units = [variant.units[one.name] for one in component.containers if one.name in variant.units]
    roles = [label for unit in units for label in role_labels(unit, is_shadow=variant.predictor.shadow)]
    return {
        **_common(variant, variant.component_name(index)),
        **(component.metadata.labels if component.metadata else {}),
        **dict.fromkeys(roles, "true"),
        **selector(variant, index),
    }


def engine_labels(variant: Variant) -> dict[str, str]:
    """The labels of the pods of an engine in a pod of its own."""
    name = names.engine_name(variant.deployment.name, variant.predictor.name)
    return {**_common(variant, name), HAS_ENGINE: "true", **engine_selector(variant)}


def deployment_labels(variant: Variant, index: int) -> dict[str, str]:
    """Those of a component's Deployment: its pods', and whether the engine is in them."""
    return {**pod_labels(variant, index), **({HAS_ENGINE: "true"} if variant.has_engine(index) else {})}


def role_labels(unit: PredictiveUnit, *, is_shadow: bool) -> list[str]:
    """What a unit is, as names of labels."""
    role = _ROLES.get(unit.role) if unit.role else None
    return [*([role] if role else []), *(["seldon.io/shadow"] if is_shadow else [])]


def annotations(variant: Variant, component: SeldonPodSpec | None) -> dict[str, str]:
    """The annotations of a Deployment: the deployment's, the predictor's, the component's, the last one wins.

    Of those of the object itself, the ones that processes read: what they say on one machine they say on a cluster.
    """
    of_object = variant.deployment.metadata.annotations
    return {
        **{key: value for key, value in of_object.items() if key.startswith(_READ_BY_PROCESSES)},
        **variant.deployment.spec.annotations,
        **variant.predictor.annotations,
        **(component.metadata.annotations if component and component.metadata else {}),
    }


def pod_annotations(variant: Variant, component: SeldonPodSpec | None) -> dict[str, str]:
    """The annotations of pods: what Prometheus looks for, unless the user says otherwise, and the Deployment's."""
    scraping = {"prometheus.io/path": variant.settings.engine.prometheus_path, "prometheus.io/scrape": "true"}
    return {**scraping, **annotations(variant, component)}


def _common(variant: Variant, name: str) -> dict[str, str]:
    return {"app": name, "fluentd": "true", **MANAGED_BY, **variant.predictor.labels}
