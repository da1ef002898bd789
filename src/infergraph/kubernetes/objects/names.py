"""What the objects of a deployment are called (SELDON_V1 §2.1).

Dashboards, clients and habits know these names, so they are those of the first version; a name that is too long is
replaced by its hash.
"""

import hashlib
from collections.abc import Collection, Mapping
from typing import Final

from infergraph.declaration import SeldonDeployment, SeldonPodSpec, container_service_name

LONGEST: Final = 63
"""The most that Kubernetes takes for a label's value or the name of a Service."""
SERVICE_NAME: Final = "seldon.io/svc-name"


def hashed(name: str, prefix: str = "seldon") -> str:
    """The name, or its MD5 behind a prefix where it is too long."""
    return name if len(name) <= LONGEST else f"{prefix}-{_md5(name)}"


def seldon_id(deployment: SeldonDeployment) -> str:
    """What the label ``seldon-deployment-id`` says, and the name of the VirtualService."""
    return hashed(deployment.name)


def predictor_key(deployment: str, predictor: str, annotations: Mapping[str, str]) -> str:
    """The name of a predictor's Service: the annotation's as it is, else made of the names."""
    return annotations.get(SERVICE_NAME) or hashed(f"{deployment}-{predictor}")


def component_name(
    deployment: str, predictor: str, index: int, component: SeldonPodSpec, *, otherwise: str, with_prefix: bool
) -> str:
    """The name of the Deployment of one entry of ``componentSpecs``.

    ``otherwise`` is what to call one without containers. ``with_prefix`` puts a hash behind the deployment's name.
    """
    stated = component.metadata.name if component.metadata else ""
    suffix = stated or "-".join(container.name for container in component.containers) or otherwise
    name = f"{deployment}-{predictor}-{index}-{suffix}"
    short = hashed(name, deployment) if with_prefix else hashed(name)
    return short if len(short) <= LONGEST else hashed(name)


def engine_name(deployment: str, predictor: str) -> str:
    """The name of the Deployment of an engine in a pod of its own."""
    return hashed(f"{deployment}-{predictor}-svc-orch")


def gateway_name(deployment: str, taken: Collection[str]) -> str:
    """The Service that clients call where we spread the traffic ourselves, and the Deployment behind it.

    ``taken`` are the names of other Services: a predictor may be called gateway.
    """
    name = f"{deployment}-gateway"
    return f"seldon-{_md5(name)}" if name in taken else hashed(name)


def explainer_name(deployment: str, predictor: str) -> str:
    """What everything of a predictor's explainer is called. Reserved: nothing else may have this name."""
    return hashed(f"{deployment}-{predictor}-explainer")


def initializer_name(container: str) -> str:
    """The init container that fetches the model files of a unit."""
    return _cut(f"{container}-model-initializer")


def model_volume_name(container: str) -> str:
    """The volume that holds them."""
    return _cut(f"{container}-provision-location")


def service_label(container: str) -> str:
    """The label by which the Service of a container finds its pods. The name of a label ends at 63 characters too."""
    label = f"seldon-app-svc-{container}"
    return label if len(label) <= LONGEST else f"seldon-app-svc-{_md5(container)}"


def _cut(name: str) -> str:
    return name[:LONGEST].removesuffix("-")


def _md5(name: str) -> str:
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


__all__ = [
    "LONGEST",
    "SERVICE_NAME",
    "component_name",
    "container_service_name",
    "engine_name",
    "explainer_name",
    "gateway_name",
    "hashed",
    "initializer_name",
    "model_volume_name",
    "predictor_key",
    "seldon_id",
    "service_label",
]
