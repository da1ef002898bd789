"""The names of Services, and whether one is needed to reach the engine's neighbours."""

import hashlib
from typing import Final

from infergraph.declaration.deployment import SeldonDeployment

_LONGEST_NAME: Final = 63
"""The most that Kubernetes takes as the name of a Service."""


def has_separate_engine(deployment: SeldonDeployment) -> bool:
    """Whether the engine has a pod of its own: an annotation of the spec, in any case (SELDON_V1 §1.9)."""
    return deployment.spec.annotations.get("seldon.io/engine-separate-pod", "").lower() == "true"


def container_service_name(deployment: str, predictor: str, container: str) -> str:
    """The name of a container's Service; a long one is replaced by its hash (SELDON_V1 §2.1)."""
    name = f"{deployment}-{predictor}-{container}"
    if len(name) <= _LONGEST_NAME:
        return name
    return f"seldon-{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()}"
