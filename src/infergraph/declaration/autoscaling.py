"""How many pods: autoscaling and disruption budgets of one entry of ``componentSpecs`` (SELDON_V1 §1.4)."""

from typing import Any

from msgspec import Struct, field

from infergraph.declaration.int32 import Int32


class HpaSpec(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Horizontal autoscaling. ``metrics`` has the form of v2beta1 and wins over ``metricsv2``, which has that of v2."""

    max_replicas: Int32
    min_replicas: Int32 | None = None
    metrics: tuple[Any, ...] = ()
    metrics_v2: tuple[Any, ...] = field(default=(), name="metricsv2")


class KedaSpec(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """KEDA's ScaledObjectSpec without its target."""

    triggers: tuple[Any, ...]
    polling_interval: Int32 | None = None
    cooldown_period: Int32 | None = None
    idle_replica_count: Int32 | None = None
    min_replica_count: Int32 | None = None
    max_replica_count: Int32 | None = None
    advanced: Any = None
    fallback: Any = None


class PdbSpec(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """How many pods may be away at the same time: a number, or a share such as ``50%``."""

    min_available: Int32 | str | None = None
    max_unavailable: Int32 | str | None = None
