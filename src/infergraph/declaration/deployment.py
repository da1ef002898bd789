"""The whole declaration."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from infergraph.declaration.int32 import Int32
from infergraph.declaration.metadata import ObjectMeta
from infergraph.declaration.predictor import Predictor

KIND = "SeldonDeployment"
GROUP = "machinelearning.seldon.io"
API_VERSIONS = (f"{GROUP}/v1", f"{GROUP}/v1alpha2", f"{GROUP}/v1alpha3")
"""All three have the same fields (SELDON_V1 §1.1)."""


class DeploymentSpec(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """SELDON_V1 §1.2. ``protocol``, ``transport`` and ``server_type`` are texts: the rules say which ones are known."""

    predictors: tuple[Predictor, ...]
    name: str = ""  # ignored; the name is metadata.name
    oauth_key: str = field(default="", name="oauth_key")  # ignored
    oauth_secret: str = field(default="", name="oauth_secret")  # ignored
    annotations: Mapping[str, str] = field(default_factory=dict)
    protocol: str = ""
    transport: str = ""
    replicas: Int32 | None = None
    server_type: str = ""


class SeldonDeployment(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One declaration, immutable. All three apiVersions are this one type."""

    spec: DeploymentSpec
    api_version: str = API_VERSIONS[0]
    kind: str = KIND
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    # Written by an operator, of whatever release; a manifest exported from a cluster holds it, and nobody reads it.
    status: Any = None

    @property
    def name(self) -> str:
        """The name of the object; empty only in a deployment that has not passed the rules."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """The namespace of the object, ``default`` when it names none."""
        return self.metadata.namespace or "default"

    def annotation(self, key: str, default: str | None = None) -> str | None:
        """An annotation of the spec, else of the object, else ``default`` (SELDON_V1 §1.9)."""
        return self.spec.annotations.get(key, self.metadata.annotations.get(key, default))
