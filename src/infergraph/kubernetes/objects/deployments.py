"""The Deployments of a predictor: one for each entry of ``componentSpecs``, and one for a separate engine."""

from collections.abc import Iterator
from typing import Any, Final

from infergraph.declaration import PodSpec, SeldonPodSpec
from infergraph.kubernetes.objects import labels, names
from infergraph.kubernetes.objects.kube_object import KubeObject, kube_object, plain
from infergraph.kubernetes.objects.pod import component_pod, engine_pod
from infergraph.kubernetes.objects.variant import EnginePlace, Variant

API: Final = "apps/v1/Deployment"
STRATEGY: Final[dict[str, Any]] = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%"}}


def deployments(variant: Variant) -> Iterator[KubeObject]:
    """In the order of the manifest, the engine's last.

    :raises BadManifest: when a container cannot be made of what the manifest says.
    """
    for index, component in variant.components():
        yield _component(variant, index, component)
    if variant.engine is EnginePlace.SEPARATE:
        yield _engine(variant)


def _component(variant: Variant, index: int, component: SeldonPodSpec) -> KubeObject:
    return kube_object(
        API,
        name=variant.component_name(index),
        namespace=variant.namespace,
        labels=labels.deployment_labels(variant, index),
        annotations=labels.annotations(variant, component),
        spec=_spec(
            variant,
            replicas=_replicas(variant, component),
            selector=labels.selector(variant, index),
            template=_template(
                labels.pod_labels(variant, index),
                labels.pod_annotations(variant, component),
                component_pod(variant, index),
            ),
        ),
    )


def _engine(variant: Variant) -> KubeObject:
    own = labels.engine_labels(variant)
    return kube_object(
        API,
        name=names.engine_name(variant.deployment.name, variant.predictor.name),
        namespace=variant.namespace,
        labels=own,
        annotations=labels.annotations(variant, None),
        spec=_spec(
            variant,
            replicas=_engine_replicas(variant),
            selector=labels.engine_selector(variant),
            template=_template(own, labels.pod_annotations(variant, None), engine_pod(variant)),
        ),
    )


def _spec(variant: Variant, *, replicas: int | None, selector: dict[str, str], template: KubeObject) -> KubeObject:
    deadline = variant.predictor.progress_deadline_seconds
    return {
        **({} if replicas is None else {"replicas": replicas}),
        "selector": {"matchLabels": dict(sorted(selector.items()))},
        "strategy": STRATEGY,
        **({} if deadline is None else {"progressDeadlineSeconds": deadline}),
        "template": template,
    }


def _template(own: dict[str, str], annotations: dict[str, str], pod: PodSpec) -> KubeObject:
    metadata = {"labels": dict(sorted(own.items())), "annotations": dict(sorted(annotations.items()))}
    return {"metadata": metadata, "spec": plain(pod)}


def _replicas(variant: Variant, component: SeldonPodSpec) -> int | None:
    """None where an autoscaler decides, or nobody does."""
    if component.hpa_spec or (component.keda_spec and variant.settings.keda.enabled):
        return None
    return _first(component.replicas, variant.predictor.replicas, variant.deployment.spec.replicas)


def _engine_replicas(variant: Variant) -> int | None:
    orchestrator = variant.predictor.svc_orch_spec
    own = orchestrator.replicas if orchestrator else None
    return _first(own, variant.predictor.replicas, variant.deployment.spec.replicas)


def _first(*counts: int | None) -> int | None:
    return next((count for count in counts if count is not None), None)
