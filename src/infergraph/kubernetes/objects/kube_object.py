"""One object of Kubernetes, as plain data in the order that people write it."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

KubeObject: TypeAlias = dict[str, Any]


def kube_object(
    api: str,
    *,
    name: str,
    namespace: str,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    **body: Any,
) -> KubeObject:
    """An object of ``api``, which is ``version/Kind`` or ``group/version/Kind``."""
    api_version, _, kind = api.rpartition("/")
    metadata: KubeObject = {"name": name, "namespace": namespace}
    if labels:
        metadata["labels"] = dict(sorted(labels.items()))
    if annotations:
        metadata["annotations"] = dict(sorted(annotations.items()))
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}


def plain(value: Any) -> Any:
    """A value of the declaration as mappings and lists."""
    return msgspec.json.decode(msgspec.json.encode(value))
