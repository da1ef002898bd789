"""The predictor as an engine is given it: JSON in base64 (SELDON_V1 §2.5)."""

import base64

import msgspec
from msgspec.structs import replace

from infergraph.declaration import PredictiveUnit, Predictor
from infergraph.kubernetes.objects.model_files import DIGEST
from infergraph.kubernetes.objects.unit_environment import MODELS
from infergraph.kubernetes.objects.variant import Variant


def engine_predictor(variant: Variant) -> str:
    """The whole predictor; what concerns its traffic, pods and explainer is none of the engine's business."""
    return encoded(replace(variant.predictor, graph=_with_files(variant, variant.predictor.graph)))


def alone(variant: Variant, unit: PredictiveUnit) -> str:
    """The predictor with this unit only, which runs in the process that reads it."""
    graph = replace(_fused(unit, MODELS), children=())
    return encoded(replace(variant.predictor, graph=graph, component_specs=()))


def encoded(predictor: Predictor) -> str:
    """Without what is said of how many there are: to scale restarts no engine."""
    orchestrator = replace(predictor.svc_orch_spec, replicas=None) if predictor.svc_orch_spec else None
    components = tuple(
        replace(one, replicas=None, hpa_spec=None, keda_spec=None, pdb_spec=None) for one in predictor.component_specs
    )
    plain = replace(
        predictor, traffic=0, replicas=None, explainer=None, svc_orch_spec=orchestrator, component_specs=components
    )
    return base64.b64encode(msgspec.json.encode(plain)).decode()


def _with_files(variant: Variant, unit: PredictiveUnit) -> PredictiveUnit:
    children = tuple(_with_files(variant, child) for child in unit.children)
    if unit.name in variant.fused:
        unit = _fused(unit, fused_path(unit))
    return replace(unit, children=children)


def _fused(unit: PredictiveUnit, path: str) -> PredictiveUnit:
    """A unit without an endpoint runs in the engine. Its files are here already, and checked by what fetched them."""
    parameters = tuple(one for one in unit.parameters if one.name != DIGEST)
    return replace(unit, endpoint=None, model_uri=path if unit.model_uri else "", parameters=parameters)


def fused_path(unit: PredictiveUnit) -> str:
    """Where the engine finds the model files of a unit that runs inside of it."""
    return f"{MODELS}/{unit.name}"
