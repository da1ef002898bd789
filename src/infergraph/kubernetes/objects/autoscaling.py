"""How many pods: HorizontalPodAutoscalers, KEDA's ScaledObjects and PodDisruptionBudgets (SELDON_V1 §2.6)."""

from collections.abc import Iterator
from typing import Any

from infergraph.kubernetes.objects.hpa_metrics import metrics
from infergraph.kubernetes.objects.kube_object import KubeObject, kube_object, plain
from infergraph.kubernetes.objects.labels import ID, MANAGED_BY, selector
from infergraph.kubernetes.objects.variant import Variant


def autoscalers(variant: Variant) -> Iterator[KubeObject]:
    """One for each component with an ``hpaSpec``, unless KEDA scales it."""
    for index, component in variant.components():
        spec = component.hpa_spec
        if spec is None or (component.keda_spec and variant.settings.keda.enabled):
            continue
        least = {} if spec.min_replicas is None else {"minReplicas": spec.min_replicas}
        measured = metrics(spec)
        yield _of_component(
            f"autoscaling/{variant.settings.apis.autoscaling}/HorizontalPodAutoscaler",
            variant,
            index,
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
            yield _of_component("keda.sh/v1alpha1/ScaledObject", variant, index, spec)


def disruption_budgets(variant: Variant) -> Iterator[KubeObject]:
    """One for each component with a ``pdbSpec``, over the pods of that component."""
    for index, component in variant.components():
        if component.pdb_spec:
            spec = {
                **plain(component.pdb_spec),
                "selector": {"matchLabels": dict(sorted(selector(variant, index).items()))},
            }
            yield _of_component(f"policy/{variant.settings.apis.policy}/PodDisruptionBudget", variant, index, spec)


def _of_component(api: str, variant: Variant, index: int, spec: dict[str, Any]) -> KubeObject:
    return kube_object(
        api,
        name=variant.component_name(index),
        namespace=variant.namespace,
        labels={ID: variant.seldon_id, **MANAGED_BY},
        spec=spec,
    )


def _target(variant: Variant, index: int) -> dict[str, str]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "name": variant.component_name(index)}
