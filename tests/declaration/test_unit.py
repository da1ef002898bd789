"""What a unit is and what runs it, and the order of a graph."""

import pytest

from infergraph.declaration import (
    BUILT_IN_IMPLEMENTATIONS,
    Method,
    Parameter,
    ParameterType,
    PredictiveUnit,
    UnitType,
)


@pytest.mark.parametrize(
    ("type_", "implementation", "role"),
    [
        (None, "", None),
        (None, "UNKNOWN_IMPLEMENTATION", None),
        (None, "SIMPLE_MODEL", UnitType.MODEL),
        (None, "SIMPLE_ROUTER", UnitType.ROUTER),
        (None, "RANDOM_ABTEST", UnitType.ROUTER),
        (None, "AVERAGE_COMBINER", UnitType.COMBINER),
        (None, "SKLEARN_SERVER", None),
        (UnitType.UNKNOWN_TYPE, "", UnitType.UNKNOWN_TYPE),
        (UnitType.UNKNOWN_TYPE, "SIMPLE_ROUTER", UnitType.ROUTER),
        (UnitType.UNKNOWN_TYPE, "SKLEARN_SERVER", UnitType.UNKNOWN_TYPE),
        (UnitType.TRANSFORMER, "", UnitType.TRANSFORMER),
        (UnitType.MODEL, "SIMPLE_ROUTER", UnitType.MODEL),
    ],
)
def test_a_type_comes_before_what_a_built_in_is(
    type_: UnitType | None, implementation: str, role: UnitType | None
) -> None:
    assert PredictiveUnit(name="m", type=type_, implementation=implementation).role is role


@pytest.mark.parametrize(
    ("implementation", "has_implementation", "is_prepackaged"),
    [
        ("", False, False),
        ("UNKNOWN_IMPLEMENTATION", False, False),
        *[(name, True, False) for name in ("SIMPLE_MODEL", "SIMPLE_ROUTER", "RANDOM_ABTEST", "AVERAGE_COMBINER")],
        ("SKLEARN_SERVER", True, True),
        ("simple_model", True, True),
    ],
)
def test_what_runs_a_unit(implementation: str, *, has_implementation: bool, is_prepackaged: bool) -> None:
    unit = PredictiveUnit(name="m", implementation=implementation)
    assert (unit.has_implementation, unit.is_prepackaged) == (has_implementation, is_prepackaged)


def test_the_built_in_implementations_are_those_of_the_first_version() -> None:
    assert sorted(BUILT_IN_IMPLEMENTATIONS) == [
        "AVERAGE_COMBINER",
        "RANDOM_ABTEST",
        "SIMPLE_MODEL",
        "SIMPLE_ROUTER",
        "UNKNOWN_IMPLEMENTATION",
    ]


def test_methods_are_those_that_are_named() -> None:
    unit = PredictiveUnit(name="m", type=UnitType.ROUTER, methods=(Method.AGGREGATE, Method.SEND_FEEDBACK))
    assert [method for method in Method if unit.has_method(method)] == [Method.AGGREGATE, Method.SEND_FEEDBACK]


def test_a_parameter_is_the_first_of_its_name() -> None:
    one, other = (Parameter(name="n", value=value, type=ParameterType.STRING) for value in "ab")
    unit = PredictiveUnit(name="m", parameters=(one, other))
    assert unit.parameter("n") is one
    assert unit.parameter("N") is None


def test_parents_come_first_and_children_in_their_order() -> None:
    leaves = [PredictiveUnit(name=name) for name in "cde"]
    inner = PredictiveUnit(name="b", children=(leaves[0], leaves[1]))
    root = PredictiveUnit(name="a", children=(inner, leaves[2]))
    assert [unit.name for unit in root.walk()] == ["a", "b", "c", "d", "e"]
