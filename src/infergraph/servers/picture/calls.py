"""What a unit is asked before and after its children (SELDON_V1 §3.2)."""

from infergraph.declaration import Method, PredictiveUnit, UnitType


def type_of(unit: PredictiveUnit) -> UnitType:
    """What a unit is, foremost: by its type, its built-in implementation or its methods (SELDON_V1 §1.5, §3.2)."""
    if unit.is_prepackaged:
        return UnitType.MODEL
    if unit.role not in (None, UnitType.UNKNOWN_TYPE):
        return unit.role
    by_method = {
        Method.ROUTE: UnitType.ROUTER,
        Method.AGGREGATE: UnitType.COMBINER,
        Method.TRANSFORM_INPUT: UnitType.TRANSFORMER,
        Method.TRANSFORM_OUTPUT: UnitType.OUTPUT_TRANSFORMER,
    }
    is_silent = not (unit.type or unit.methods or unit.implementation)
    unknown = UnitType.MODEL if is_silent else UnitType.UNKNOWN_TYPE
    return next((found for method, found in by_method.items() if unit.has_method(method)), unknown)


def calls_before(unit: PredictiveUnit, unit_type: UnitType) -> int:
    """How often a unit is called before its children (SELDON_V1 §3.2): for its input, and to choose a child."""
    is_input = unit_type is UnitType.MODEL or _does(unit, unit_type, UnitType.TRANSFORMER, Method.TRANSFORM_INPUT)
    return is_input + bool(unit.children and _does(unit, unit_type, UnitType.ROUTER, Method.ROUTE))


def calls_after(unit: PredictiveUnit, unit_type: UnitType) -> int:
    """How often a unit is called after its children: to combine their answers, and for its output."""
    is_output = _does(unit, unit_type, UnitType.OUTPUT_TRANSFORMER, Method.TRANSFORM_OUTPUT)
    return is_output + bool(unit.children and _does(unit, unit_type, UnitType.COMBINER, Method.AGGREGATE))


def _does(unit: PredictiveUnit, unit_type: UnitType, role: UnitType, method: Method) -> bool:
    return unit_type is role or unit.has_method(method)


def note(unit: PredictiveUnit, unit_type: UnitType) -> str:
    """When a unit is called, for a reader who does not know the rules of SELDON_V1 §3.2."""
    before, after = calls_before(unit, unit_type), calls_after(unit, unit_type)
    if not unit.children:
        return "" if before or after else "never called: it has no children"
    child = "child" if len(unit.children) == 1 else "children"
    if _does(unit, unit_type, UnitType.ROUTER, Method.ROUTE):
        return f"picks a child{', then after it' if after else ''}"
    if not before and not after:
        words = "passes requests on"
    else:
        words = f"{' and '.join(['before'] * bool(before) + ['after'] * bool(after))} its {child}"
    is_alone = len(unit.children) == 1 or _does(unit, unit_type, UnitType.COMBINER, Method.AGGREGATE)
    return words if is_alone else f"{words}; the first child's answer counts"
