"""What can be seen from outside: metrics and structured logs; later traces and payload logs.

`Registry` holds the metrics of one process; `merged` adds up those of several, and `render` writes them as Prometheus
reads them. `catalog` names every metric that there is. Who measures is given a small object with plain methods:
`RequestMeter` (a server's path), `UnitMetrics` (a unit of a graph), `Counter`.

MUST NOT be here: decisions. Nothing behaves differently because somebody looks.
"""

from infergraph.telemetry.deployment_metrics import DeploymentMetrics, MicroserviceMetrics
from infergraph.telemetry.exposition import render
from infergraph.telemetry.registry import Registry
from infergraph.telemetry.snapshot import Snapshot, merged, remains
from infergraph.telemetry.unit_metrics import UnitMetrics

__all__ = [
    "DeploymentMetrics",
    "MicroserviceMetrics",
    "Registry",
    "Snapshot",
    "UnitMetrics",
    "merged",
    "remains",
    "render",
]
