"""How many pods: HorizontalPodAutoscalers, KEDA's ScaledObjects and PodDisruptionBudgets (SELDON_V1 §2.6)."""

from collections.abc import Iterator, Mapping
from typing import Any

from infergraph.declaration import PdbSpec
from infergraph.kubernetes.objects import names
from infergraph.kubernetes.objects.fusion import ENGINE
from infergraph.kubernetes.objects.hpa_metrics import metrics
from infergraph.kubernetes.objects.kube_object import KubeObject, kube_object, plain
from infergraph.kubernetes.objects.labels import ID, MANAGED_BY, engine_selector, selector
from infergraph.kubernetes.objects.variant import EnginePlace, Variant


def autoscalers(variant: Variant) -> Iterator[KubeObject]:
    """One for each component with an ``hpaSpec``, unless KEDA scales it."""
    for index, component in variant.components():
        spec = component.hpa_spec
        if spec is None or (component.keda_spec and variant.settings.keda.enabled):
            continue
        least = {} if spec.min_replicas is None else {"minReplicas": spec.min_replicas}
        measured = [_of_engine(variant, one) for one in metrics(spec)]
        yield _object(
            f"autoscaling/{variant.settings.apis.autoscaling}/HorizontalPodAutoscaler",
            variant,
            variant.component_name(index),
            {
                "scaleTargetRef": _target(variant, index),
                **least,
                "maxReplicas": spec.max_replicas,
                **({"metrics": measured} if measured else {}),
            },
        )


def scaled_objects(variant: Variant) -> Iterator[KubeObject]:
    """One for each component with a ``kedaSpec``, where KEDA is installed."""
    for index, component in variant.components():
        if component.keda_spec and variant.settings.keda.enabled:
            spec = {"scaleTargetRef": _target(variant, index), **plain(component.keda_spec)}
            yield _object("keda.sh/v1alpha1/ScaledObject", variant, variant.component_name(index), spec)


def disruption_budgets(variant: Variant) -> Iterator[KubeObject]:
    """One for each component with a ``pdbSpec``, over the pods of that component.

    An engine in a pod of its own has that of the first one, in whose pods it would be.
    """
    for index, component in variant.components():
        if component.pdb_spec:
            yield _budget(variant, variant.component_name(index), component.pdb_spec, selector(variant, index))
    first = variant.predictor.component_specs[0].pdb_spec
    if first and variant.engine is EnginePlace.SEPARATE:
        name = names.engine_name(variant.deployment.name, variant.predictor.name)
        yield _budget(variant, name, first, engine_selector(variant))


def _budget(variant: Variant, name: str, stated: PdbSpec, chosen: Mapping[str, str]) -> KubeObject:
    spec = {**plain(stated), "selector": {"matchLabels": dict(sorted(chosen.items()))}}
    return _object(f"policy/{variant.settings.apis.policy}/PodDisruptionBudget", variant, name, spec)


def _of_engine(variant: Variant, metric: dict[str, Any]) -> dict[str, Any]:
    """A metric of a unit's container is the engine's where the unit runs inside of it."""
    source = metric.get("containerResource")
    if not isinstance(source, dict) or source.get("container") not in variant.fused:
        return metric
    return {**metric, "containerResource": {**source, "container": ENGINE}}


def _object(api: str, variant: Variant, name: str, spec: dict[str, Any]) -> KubeObject:
    labels = {ID: variant.seldon_id, **MANAGED_BY}
    return kube_object(api, name=name, namespace=variant.namespace, labels=labels, spec=spec)


def _target(variant: Variant, index: int) -> dict[str, str]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "name": variant.component_name(index)}
