"""The metadata of an object, as Kubernetes has it."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field


class ObjectMeta(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """SELDON_V1 §1.1: Kubernetes' ObjectMeta; a null ``creationTimestamp`` is as good as none."""

    name: str = ""
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    generate_name: str = ""
    # Written by the API server; they stand in manifests that were exported with `kubectl get -o yaml`.
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    uid: str = ""
    resource_version: str = ""
    generation: int | None = None
    self_link: str = ""
    cluster_name: str = ""
    finalizers: tuple[str, ...] = ()
    owner_references: tuple[Any, ...] = ()
    managed_fields: tuple[Any, ...] = ()
