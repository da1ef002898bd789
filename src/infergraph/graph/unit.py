"""One unit of the graph with its children, compiled (SELDON_V1 §3.2, §3.3)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from infergraph.components import Component
from infergraph.declaration import Method, PredictiveUnit, UnitType
from infergraph.errors import NOT_ASKED, BadAnswer, BadMessage, LoadError
from infergraph.graph.batch import placed
from infergraph.graph.context import Context
from infergraph.graph.lane import Lane
from infergraph.graph.parallel import all_begun, all_of, starts_without_task
from infergraph.graph.remote import RemoteUnit
from infergraph.graph.step import AggregateStep, Executable, FeedbackStep, RouteStep, Step, sequence
from infergraph.payloads import Feedback, Payload

ALL, NONE = -1, -2

Place = Callable[[Any], Any]
"""Makes a step of what a component offers."""
Components = Mapping[str, Component | RemoteUnit]


def compile_unit(unit: PredictiveUnit, components: Components, lanes: Mapping[str, Lane]) -> Executable:
    """The unit and everything below it.

    :raises LoadError: when a component cannot do what its unit's type or methods ask of it.
    """
    component = components[unit.name]
    place: Place = _as_it_is if isinstance(component, RemoteUnit) else partial(placed, lanes[unit.name])
    children = [compile_unit(child, components, lanes) for child in unit.children]
    steps = [
        _input_step(unit, component, place),
        _children_step(unit, component, place, [child.predict for child in children]),
        _output_step(unit, component, place),
    ]
    return Executable(
        predict=sequence([step for step in steps if step is not None] or [_unchanged]),
        feedback=_feedback_step(unit, component, place, [child.feedback for child in children]),
        predict_json=component.predict_json() if isinstance(component, RemoteUnit) and _only_predicts(unit) else None,
    )


def _only_predicts(unit: PredictiveUnit) -> bool:
    """Whether a prediction is all that a request is for."""
    return unit.role is UnitType.MODEL and not unit.children and not unit.methods


def has_role(unit: PredictiveUnit, unit_type: UnitType, method: Method | None) -> bool:
    """Whether a unit does something by its type or by its list of methods."""
    return unit.role is unit_type or (method is not None and unit.has_method(method))


def _input_step(unit: PredictiveUnit, component: Component | RemoteUnit, place: Place) -> Step | None:
    if has_role(unit, UnitType.TRANSFORMER, Method.TRANSFORM_INPUT):
        operation = component.transform_input()  # a class without it leaves its input as it is, as upstream
        return place(operation) if operation else None
    if unit.role is UnitType.MODEL:
        return place(_needed(component.predict(), component, "predict", unit))  # type: ignore[no-any-return]
    return None


def _output_step(unit: PredictiveUnit, component: Component | RemoteUnit, place: Place) -> Step | None:
    if not has_role(unit, UnitType.OUTPUT_TRANSFORMER, Method.TRANSFORM_OUTPUT):
        return None
    operation = component.transform_output()
    return place(operation) if operation else None


def _children_step(
    unit: PredictiveUnit, component: Component | RemoteUnit, place: Place, children: Sequence[Step]
) -> Step | None:
    if not children:
        return None
    route: RouteStep | None = None
    if has_role(unit, UnitType.ROUTER, Method.ROUTE):
        route = place(_needed(component.route(), component, "route", unit))
    aggregate: AggregateStep | None = None
    if has_role(unit, UnitType.COMBINER, Method.AGGREGATE):
        aggregate = place(_needed(component.aggregate(), component, "aggregate", unit))
    if route is None and aggregate is None and len(children) == 1:
        return children[0]
    return _routed(unit.name, route, children, aggregate)


def _routed(name: str, route: RouteStep | None, children: Sequence[Step], aggregate: AggregateStep | None) -> Step:
    ask_all = all_begun if all(map(starts_without_task, children)) else all_of

    async def run(payload: Payload, context: Context) -> Payload:
        branch = ALL
        if route is not None:
            branch = context.routing[name] = await route(payload.copy(), context)
        if branch == NONE:
            return payload
        try:
            if branch == ALL:
                answers = await ask_all(_calls(children, payload, context))
            else:
                answers = [await _chosen(name, branch, children)(payload, context)]
            return answers[0] if aggregate is None else await aggregate(answers, context)
        except NOT_ASKED as error:
            error.has_begun = True  # the router, or another child
            raise

    return run


def _calls(children: Sequence[Step], payload: Payload, context: Context) -> Sequence[Callable[[], Awaitable[Payload]]]:
    """The calls of all children. Each child gets an array of its own: it may change it in place."""
    payloads = [payload, *(payload.copy() for _ in children[1:])]
    return [partial(child, own, context) for child, own in zip(children, payloads, strict=True)]


def _chosen(name: str, branch: int, children: Sequence[Step]) -> Step:
    if not 0 <= branch < len(children):
        raise BadAnswer(
            f"Unit `{name}` routed to branch {branch}, and it has {len(children)} children: "
            f"-1 is all of them, -2 none, 0 to {len(children) - 1} one"
        )
    return children[branch]


def _feedback_step(
    unit: PredictiveUnit, component: Component | RemoteUnit, place: Place, children: Sequence[FeedbackStep]
) -> FeedbackStep:
    own: FeedbackStep | None = None
    if unit.role in (UnitType.MODEL, UnitType.ROUTER) or unit.has_method(Method.SEND_FEEDBACK):
        own = place(component.send_feedback())

    async def run(feedback: Feedback, context: Context) -> Payload | None:
        try:
            if children:
                await _feed_children(unit.name, children, feedback, context)
            return None if own is None else await own(feedback, context)
        except NOT_ASKED as error:
            error.has_begun = bool(children)  # one of them may have learnt from it
            raise

    return run


async def _feed_children(name: str, children: Sequence[FeedbackStep], feedback: Feedback, context: Context) -> None:
    branch = (feedback.response.meta.routing or {}).get(name, ALL)
    if branch == ALL:
        await all_of([partial(child, feedback, context) for child in children])
    elif 0 <= branch < len(children):
        await children[branch](feedback, context)
    elif branch != NONE:
        raise BadMessage(
            f"The feedback's response says that unit `{name}` routed to branch {branch}, and it has {len(children)} "
            f"children - at `$.response.meta.routing`"
        )


def _needed(operation: Any, component: Component | RemoteUnit, method: str, unit: PredictiveUnit) -> Any:
    if operation is None:
        kind = unit.role.value if unit.role else "unit"
        raise LoadError(
            f"unit `{unit.name}` is a {kind}, and its class {type(getattr(component, 'target', None)).__name__} "
            f"has no method `{method}`"
        )
    return operation


def _as_it_is(step: Any) -> Any:
    return step


async def _unchanged(payload: Payload, _: Context) -> Payload:
    return payload
