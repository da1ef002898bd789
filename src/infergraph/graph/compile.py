"""A deployment, compiled: the heart of InferGraph."""

from collections.abc import Callable, Mapping
from functools import partial

from infergraph.components import Component
from infergraph.declaration import Predictor, SeldonDeployment
from infergraph.graph.lane import Lane
from infergraph.graph.remote import RemoteUnit
from infergraph.graph.schedule import PERIOD
from infergraph.graph.shadow import Shadows, shadowed
from infergraph.graph.step import Executable
from infergraph.graph.traffic import split
from infergraph.graph.unit import compile_unit
from infergraph.graph.visited import telling_all
from infergraph.telemetry import DeploymentMetrics

Components = Mapping[str, Mapping[str, Component | RemoteUnit]]
"""The components of a deployment, loaded or elsewhere: predictor name, then unit name."""


def compile_deployment(
    deployment: SeldonDeployment,
    components: Components,
    *,
    shadows: Shadows,
    queue_length: int = 1000,
    batch_rows: int = 4096,
    metrics: DeploymentMetrics | None = None,
    tells_all: bool = False,
) -> Executable:
    """Every predictor of a deployment behind its traffic weight, shadows beside them. ``metrics`` are the deployment's.

    An answer's routing names the routers on its way; if it ``tells_all``, every unit.

    :raises LoadError: when a component cannot do what its unit asks of it.
    """
    metrics = metrics or DeploymentMetrics(deployment)
    predictors = deployment.spec.predictors
    lane = partial(Lane, queue_length=queue_length, batch_rows=batch_rows)
    compiled = {p.name: compile_predictor(p, components[p.name], lane, metrics) for p in predictors}
    if tells_all:
        compiled = {p.name: telling_all(compiled[p.name], p.graph) for p in predictors}
    main = [p for p in predictors if not p.shadow]
    executable = split([compiled[p.name] for p in main], [p.traffic for p in main])
    for shadow in (p for p in predictors if p.shadow):
        executable = shadowed(
            executable,
            compiled[shadow.name],
            name=shadow.name,
            percent=shadow.traffic or PERIOD,
            shadows=shadows,
            dropped=metrics.shadows_dropped(shadow.name),
        )
    return executable


def compile_predictor(
    predictor: Predictor,
    components: Mapping[str, Component | RemoteUnit],
    lane: Callable[..., Lane],
    metrics: DeploymentMetrics,
) -> Executable:
    """One predictor's graph: its root unit with everything below. ``lane`` makes the lane of a unit."""
    lanes = {
        name: lane(name, threads=one.threads, metrics=metrics.unit(predictor, name, one.image))
        for name, one in components.items()
        if isinstance(one, Component)
    }
    return compile_unit(predictor.graph, dict(components), lanes)
