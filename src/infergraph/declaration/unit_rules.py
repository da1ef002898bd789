"""What each unit of a graph must keep to.

The numbers are those of SELDON_V1 §1.10, and so are the texts; rules without a number are ours.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from typing import Final

from msgspec import Struct

from infergraph.declaration.container import Container
from infergraph.declaration.deployment import SeldonDeployment
from infergraph.declaration.finding import Findings, invalid
from infergraph.declaration.predictor import Predictor
from infergraph.declaration.problem import At, Problem
from infergraph.declaration.unit import PredictiveUnit, UnitType
from infergraph.errors import BadManifest

_NOT_TENSORFLOW: Final = {"SKLEARN_SERVER", "XGBOOST_SERVER", "MLFLOW_SERVER", "HUGGINGFACE_SERVER"}


class Seat(Struct, frozen=True, kw_only=True):
    """A unit and all around it that its rules look at."""

    unit: PredictiveUnit
    containers: Mapping[str, Container]  # of the predictor, by name
    path: str  # children by position only: spec.predictors[0].graph[1][0]
    at: At
    protocol: str
    servers: Collection[str]

    def invalid(self, message: str, *, value: object = None, hint: str = "") -> Problem:
        """A problem of this unit; the value is its name unless another one is to blame."""
        return invalid(self.path, self.unit.name if value is None else value, message, at=self.at, hint=hint)


def check_units(deployment: SeldonDeployment, servers: Collection[str]) -> Iterator[Problem]:
    """Every rule that a unit of the deployment breaks."""
    for index, predictor in enumerate(deployment.spec.predictors):
        seats = list(_seats(deployment, index, predictor, servers))
        yield from (problem for seat in seats for rule in UNIT_RULES for problem in rule(seat))
        yield from _repeated_names(seats)


def has_container(seat: Seat) -> Findings:
    """Rule 10."""
    if not seat.unit.has_implementation and seat.unit.name not in seat.containers:
        names = ", ".join(islice(seat.containers, 10))
        hint = f"the containers of this predictor: {names}" if names else "this predictor has no containers"
        yield seat.invalid("Can't find container for Predictive Unit", hint=hint)


def has_something_to_do(seat: Seat) -> Findings:
    """Rule 11."""
    unit = seat.unit
    if not unit.has_implementation and unit.type == UnitType.UNKNOWN_TYPE and not unit.methods:
        yield seat.invalid(
            "Predictive Unit has no implementation methods defined. "
            "Change to a known type or add what methods it defines"
        )


def has_model_uri(seat: Seat) -> Findings:
    """Rule 12. A server that runs elsewhere has its model already."""
    unit = seat.unit
    has_model = unit.implementation == "HUGGINGFACE_SERVER" or unit.names_a_server
    if unit.is_prepackaged and not has_model and not unit.model_uri:
        yield seat.invalid("Predictive unit modelUri required when using standalone servers")


def speaks_tensorflow(seat: Seat) -> Findings:
    """Rule 13."""
    name = seat.unit.implementation
    if seat.protocol == "tensorflow" and name in _NOT_TENSORFLOW:
        yield seat.invalid(f"Prepackaged server does not handle tensorflow protocol {name}")


def has_server(seat: Seat) -> Findings:
    """Rule 14."""
    unit = seat.unit
    container = seat.containers.get(unit.name)
    has_image = container is not None and container.image != ""
    if unit.is_prepackaged and not has_image and unit.implementation not in seat.servers:
        own = f"--server {unit.implementation}=module:Class is one of your own"
        hint = f"the servers: {', '.join(sorted(seat.servers))}; {own}"
        yield seat.invalid(f"No entry in predictors map for {unit.implementation}", hint=hint)


def has_logger_mode(seat: Seat) -> Findings:
    """Rule 15."""
    if seat.unit.logger and not seat.unit.logger.mode:
        yield seat.invalid("No logger mode specified", hint="logger.mode is one of all, request, response")


def ab_test_is_between_two(seat: Seat) -> Findings:
    """Ours: RANDOM_ABTEST chooses between two children (SELDON_V1 §3.2)."""
    if seat.unit.implementation == "RANDOM_ABTEST" and len(seat.unit.children) != 2:
        count = len(seat.unit.children)
        yield seat.invalid(f"RANDOM_ABTEST chooses between exactly two children, and there are {count}")


def ab_test_has_ratio(seat: Seat) -> Findings:
    """Ours: ``ratioA`` is the share of the first child. Without one it is a half (SELDON_V1 §3.2)."""
    ratio = seat.unit.parameter("ratioA")
    if seat.unit.implementation == "RANDOM_ABTEST" and ratio and not _is_share(ratio.value):
        yield seat.invalid("RANDOM_ABTEST needs a ratioA that is a number between 0 and 1", value=ratio.value)


def parameters_parse(seat: Seat) -> Findings:
    """Ours: the component would fail with the same words when it starts (SELDON_V1 §4.3)."""
    for index, parameter in enumerate(seat.unit.parameters):
        try:
            parameter.typed()
        except BadManifest as error:
            at = (*seat.at, "parameters", index)
            yield invalid(f"{seat.path}.parameters[{index}]", parameter.value, str(error), at=at)


UNIT_RULES: Final[tuple[Callable[[Seat], Findings], ...]] = (
    has_container,
    has_something_to_do,
    has_model_uri,
    speaks_tensorflow,
    has_server,
    has_logger_mode,
    ab_test_is_between_two,
    ab_test_has_ratio,
    parameters_parse,
)


def _repeated_names(seats: list[Seat]) -> Findings:
    """Ours: metrics, routing and paths name a unit, so two of one name cannot be told apart."""
    first: dict[str, Seat] = {}
    for seat in seats:
        other = first.setdefault(seat.unit.name, seat)
        if other is not seat:
            yield seat.invalid(f"the unit's name stands twice in this predictor: at {other.path} and at {seat.path}")


def _seats(deployment: SeldonDeployment, index: int, predictor: Predictor, servers: Collection[str]) -> Iterator[Seat]:
    containers = predictor.containers_by_name()
    places = _walk(predictor.graph, f"spec.predictors[{index}].graph", ("spec", "predictors", index, "graph"))
    for unit, path, at in places:
        yield Seat(
            unit=unit, containers=containers, path=path, at=at, protocol=deployment.spec.protocol, servers=servers
        )


def _walk(unit: PredictiveUnit, path: str, at: At) -> Iterator[tuple[PredictiveUnit, str, At]]:
    yield unit, path, at
    for index, child in enumerate(unit.children):
        yield from _walk(child, f"{path}[{index}]", (*at, "children", index))


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False
