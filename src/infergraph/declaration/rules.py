"""What a deployment must keep to beyond its shape: the rules for the whole and for its predictors.

The numbers are those of SELDON_V1 §1.10, and so are the texts; rules without a number are ours. Each rule is a small
function, and all are asked, so that every problem is found at once.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Final

from infergraph.declaration import unit_rules
from infergraph.declaration.deployment import SeldonDeployment
from infergraph.declaration.finding import Findings, invalid_at
from infergraph.declaration.predictor import Predictor
from infergraph.declaration.problem import At, Problem
from infergraph.declaration.server import DEFAULT_SERVERS

_SPEC: Final = ("spec",)
_KAFKA_ENV: Final = {"KAFKA_BROKER", "KAFKA_INPUT_TOPIC", "KAFKA_OUTPUT_TOPIC"}
_NO_ENGINE: Final = "seldon.io/no-engine"
_SERVICE_NAME: Final = "seldon.io/svc-name"


def check_rules(
    deployment: SeldonDeployment, *, servers: Collection[str] = frozenset(DEFAULT_SERVERS)
) -> tuple[Problem, ...]:
    """Every rule that a deployment breaks. ``servers`` are the prepackaged servers that there are."""
    findings = [problem for rule in RULES for problem in rule(deployment)]
    findings += unit_rules.check_units(deployment, servers)
    return tuple(findings)


def has_name(deployment: SeldonDeployment) -> Findings:
    """Ours: a deployment is addressed by its name."""
    if not deployment.name:
        at = ("metadata", "name")
        yield invalid_at(at, "", "a SeldonDeployment needs a name", hint="add metadata: {name: my-model}")


def known_protocol(deployment: SeldonDeployment) -> Findings:
    """Rule 1."""
    yield from _one_of(deployment.spec.protocol, {"seldon", "tensorflow", "kfserving", "v2"}, "Invalid protocol")


def known_transport(deployment: SeldonDeployment) -> Findings:
    """Rule 2."""
    yield from _one_of(deployment.spec.transport, {"rest", "grpc"}, "Invalid transport")


def known_server_type(deployment: SeldonDeployment) -> Findings:
    """Rule 3."""
    yield from _one_of(deployment.spec.server_type, {"rpc", "kafka"}, "Invalid serverType")


def kafka_topics(deployment: SeldonDeployment) -> Findings:
    """Rule 4."""
    if deployment.spec.server_type != "kafka":
        return
    for at, predictor in _predictors(deployment):
        env = predictor.svc_orch_spec.env if predictor.svc_orch_spec else ()
        if not {variable.name for variable in env} >= _KAFKA_ENV:
            names = ", ".join(sorted(_KAFKA_ENV))
            yield invalid_at(at, predictor.name, f"For kafka please supply svcOrchSpec envs {names}")


def shadow_has_company(deployment: SeldonDeployment) -> Findings:
    """Rule 5."""
    predictors = deployment.spec.predictors
    if len(predictors) == 1 and predictors[0].shadow:
        yield invalid_at((*_SPEC, "predictors", 0), predictors[0].name, "Shadow can not exist as only predictor")


def service_names_differ(deployment: SeldonDeployment) -> Findings:
    """Rule 6."""
    seen = set()
    for at, predictor in _predictors(deployment):
        name = predictor.annotations.get(_SERVICE_NAME)
        if name is not None and name in seen:
            message = f"Found duplicate service name in {_SERVICE_NAME} with value {name}"
            yield invalid_at(at, predictor.name, message)
        seen.add(name)


def has_predictors(deployment: SeldonDeployment) -> Findings:
    """Rule 7."""
    if not deployment.spec.predictors:
        yield invalid_at(_SPEC, deployment.name, "Graph contains no predictors")


def no_engine_for_one_unit(deployment: SeldonDeployment) -> Findings:
    """Rule 8. That the key is there is enough, whatever it says."""
    for at, predictor in _predictors(deployment):
        if _NO_ENGINE in predictor.annotations and predictor.graph.children:
            yield invalid_at(at, predictor.name, "Running without engine only valid for single element graphs")


def predictor_names_differ(deployment: SeldonDeployment) -> Findings:
    """Rule 9."""
    seen = set()
    for at, predictor in _predictors(deployment):
        if predictor.name in seen:
            yield invalid_at(at, predictor.name, "Duplicate predictor name")
        seen.add(predictor.name)


def one_endpoint_type(deployment: SeldonDeployment) -> Findings:
    """Rule 16."""
    types = _endpoint_types(deployment)
    if len(types) > 1:
        message = "Multiple endpoint.types found - can only have 1 type in graph. Please use spec.transport"
        yield invalid_at(_SPEC, ", ".join(sorted(types)), message)


def endpoint_type_is_transport(deployment: SeldonDeployment) -> Findings:
    """Rule 17."""
    types, transport = _endpoint_types(deployment), deployment.spec.transport
    if transport and len(types) == 1 and types != {transport.upper()}:
        message = "Mixed transport types found. Remove graph endpoint.types if transport set at deployment level"
        yield invalid_at(_SPEC, transport, message)


def one_shadow(deployment: SeldonDeployment) -> Findings:
    """Rule 18."""
    shadows = [predictor.name for predictor in deployment.spec.predictors if predictor.shadow]
    if len(shadows) > 1:
        yield invalid_at(_SPEC, ", ".join(shadows), "Multiple shadows are not allowed")


def shadow_traffic(deployment: SeldonDeployment) -> Findings:
    """Rule 19."""
    for predictor in deployment.spec.predictors:
        if predictor.shadow and not 0 <= predictor.traffic <= 100:
            message = "shadow traffic is illegal, the traffic number should be between [0, 100]"
            yield invalid_at(_SPEC, predictor.traffic, message)


def traffic_sums_up(deployment: SeldonDeployment) -> Findings:
    """Rule 20."""
    shares = [predictor.traffic for predictor in deployment.spec.predictors if not predictor.shadow]
    if len(shares) > 1 and sum(shares) != 100:
        yield invalid_at(_SPEC, sum(shares), "Traffic must sum to 100 for multiple predictors")


def single_traffic(deployment: SeldonDeployment) -> Findings:
    """Rule 21."""
    predictors = deployment.spec.predictors
    if len(predictors) == 1 and 0 < predictors[0].traffic < 100:
        message = "Traffic must sum be 100 for a single predictor when set"
        yield invalid_at(_SPEC, predictors[0].traffic, message)


def traffic_is_share(deployment: SeldonDeployment) -> Findings:
    """Ours: a negative share could make a sum of 100 that nobody can serve."""
    for at, predictor in _predictors(deployment):
        if predictor.traffic < 0 and not predictor.shadow:
            yield invalid_at((*at, "traffic"), predictor.traffic, "traffic must be between 0 and 100")


def replicas_are_counts(deployment: SeldonDeployment) -> Findings:
    """Ours: there are no negative numbers of pods."""
    for at, replicas in _replicas(deployment):
        if replicas is not None and replicas < 0:
            yield invalid_at((*at, "replicas"), replicas, "replicas must be 0 or more")


RULES: Final[tuple[Callable[[SeldonDeployment], Findings], ...]] = (
    has_name,
    known_protocol,
    known_transport,
    known_server_type,
    kafka_topics,
    shadow_has_company,
    service_names_differ,
    has_predictors,
    no_engine_for_one_unit,
    predictor_names_differ,
    one_endpoint_type,
    endpoint_type_is_transport,
    one_shadow,
    shadow_traffic,
    traffic_sums_up,
    single_traffic,
    traffic_is_share,
    replicas_are_counts,
)


def _one_of(value: str, known: set[str], message: str) -> Findings:
    if value and value not in known:
        yield invalid_at(_SPEC, value, message, hint=f"expected one of {', '.join(sorted(known))}")


def _predictors(deployment: SeldonDeployment) -> Iterator[tuple[At, Predictor]]:
    for index, predictor in enumerate(deployment.spec.predictors):
        yield (*_SPEC, "predictors", index), predictor


def _endpoint_types(deployment: SeldonDeployment) -> set[str]:
    units = (unit for predictor in deployment.spec.predictors for unit in predictor.units())
    return {str(unit.endpoint.type) for unit in units if unit.endpoint and unit.endpoint.type}


def _replicas(deployment: SeldonDeployment) -> Iterator[tuple[At, int | None]]:
    yield _SPEC, deployment.spec.replicas
    for at, predictor in _predictors(deployment):
        yield at, predictor.replicas
        for index, component in enumerate(predictor.component_specs):
            yield (*at, "componentSpecs", index), component.replicas
        if predictor.svc_orch_spec:
            yield (*at, "svcOrchSpec"), predictor.svc_orch_spec.replicas
        if predictor.explainer:
            yield (*at, "explainer"), predictor.explainer.replicas
