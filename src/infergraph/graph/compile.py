"""A deployment, compiled: the heart of InferGraph."""

from collections.abc import Mapping

from infergraph.components import Component
from infergraph.declaration import Predictor, SeldonDeployment
from infergraph.graph.lane import Lane
from infergraph.graph.schedule import PERIOD
from infergraph.graph.shadow import Shadows, shadowed
from infergraph.graph.step import Executable
from infergraph.graph.traffic import split
from infergraph.graph.unit import compile_unit

Components = Mapping[str, Mapping[str, Component]]
"""The loaded components of a deployment: predictor name, then unit name."""


def compile_deployment(
    deployment: SeldonDeployment, components: Components, *, shadows: Shadows, queue_length: int = 1000
) -> Executable:
    """Every predictor of a deployment behind its traffic weight, shadows beside them.

    :raises LoadError: when a component cannot do what its unit asks of it.
    """
    predictors = deployment.spec.predictors
    compiled = {p.name: compile_predictor(p, components[p.name], queue_length) for p in predictors}
    main = [p for p in predictors if not p.shadow]
    executable = split([compiled[p.name] for p in main], [p.traffic for p in main])
    for shadow in (p for p in predictors if p.shadow):
        executable = shadowed(
            executable, compiled[shadow.name], name=shadow.name, percent=shadow.traffic or PERIOD, shadows=shadows
        )
    return executable


def compile_predictor(predictor: Predictor, components: Mapping[str, Component], queue_length: int) -> Executable:
    """One predictor's graph: its root unit with everything below."""
    lanes = {
        name: Lane(name, threads=component.threads, queue_length=queue_length) for name, component in components.items()
    }
    return compile_unit(predictor.graph, dict(components), lanes)
