"""What a predictor says of itself: the metadata of its units and of the graph as a whole (SELDON_V1 §3.7)."""

from collections.abc import Mapping
from typing import Any

from infergraph.components import Component
from infergraph.declaration import PredictiveUnit, Predictor, UnitType
from infergraph.graph.remote import RemoteUnit
from infergraph.payloads.payload import JsonObject


def graph_metadata(predictor: Predictor, components: Mapping[str, Component | RemoteUnit]) -> JsonObject:
    """Name, the metadata of each unit, and what goes into and comes out of the graph.

    :raises ComponentFailed: when a unit's ``init_metadata`` raises.
    """
    models = {unit.name: components[unit.name].metadata() for unit in predictor.units()}
    inputs, outputs = _edges(predictor.graph, models)
    return {"name": predictor.name, "models": models, "graphinputs": inputs, "graphoutputs": outputs}


def _edges(unit: PredictiveUnit, models: Mapping[str, JsonObject]) -> tuple[Any, Any]:
    """What the graph takes and gives, seen from this unit: the first child speaks for all."""
    own = models[unit.name]
    if not unit.children:
        return own["inputs"], own["outputs"]
    inputs, outputs = _edges(unit.children[0], models)
    if unit.role in (UnitType.MODEL, UnitType.TRANSFORMER):
        inputs = own["inputs"]
    elif unit.role in (UnitType.OUTPUT_TRANSFORMER, UnitType.COMBINER):
        outputs = own["outputs"]
    return inputs, outputs
