"""The CustomResourceDefinition of SeldonDeployment (SELDON_V1 §1.1)."""

from typing import Any, Final

from infergraph.declaration import API_VERSIONS, GROUP, KIND, DeploymentSpec
from infergraph.kubernetes.crd.schema import Schema, schema_of
from infergraph.kubernetes.status import Status

PLURAL: Final = "seldondeployments"
_COLUMNS: Final = (
    ("State", "string", ".status.state"),
    ("Replicas", "integer", ".status.replicas"),
    ("Ready", "string", '.status.conditions[?(@.type=="Ready")].status'),
    ("URL", "string", ".status.address.url"),
    ("Age", "date", ".metadata.creationTimestamp"),
)


def definition() -> dict[str, Any]:
    """The definition, its three versions alike; the first one is what the cluster stores."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{PLURAL}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": {
                "kind": KIND,
                "listKind": f"{KIND}List",
                "plural": PLURAL,
                "singular": KIND.lower(),
                "shortNames": ["sdep"],
                "categories": ["all"],
            },
            "scope": "Namespaced",
            "preserveUnknownFields": False,
            "conversion": {"strategy": "None"},
            "versions": [_version(api.rpartition("/")[2], is_stored=api == API_VERSIONS[0]) for api in API_VERSIONS],
        },
    }


def _version(name: str, *, is_stored: bool) -> dict[str, Any]:
    return {
        "name": name,
        "served": True,
        "storage": is_stored,
        "schema": {"openAPIV3Schema": _schema()},
        "subresources": {
            "status": {},
            "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"},
        },
        "additionalPrinterColumns": [{"name": name, "type": type_, "jsonPath": path} for name, type_, path in _COLUMNS],
    }


def _schema() -> Schema:
    return {
        "type": "object",
        "description": "An inference graph of models, transformers, routers and combiners, and how it is served.",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": schema_of(DeploymentSpec),
            "status": schema_of(Status),
        },
    }
