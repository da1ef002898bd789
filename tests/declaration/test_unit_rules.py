"""The rules for the units of a graph: each with what breaks it, and with what just does not."""

import re

import pytest

from infergraph.declaration import DEFAULT_SERVERS
from infergraph.declaration.unit_rules import UNIT_RULES
from tests.declaration.samples import MODEL, read, said, spec, with_graph

GRAPH = "spec.predictors[0].graph: Invalid value: "
CHILD = "spec.predictors[0].graph[1]: Invalid value: "

LOST = "Can't find container for Predictive Unit"
IDLE = "Predictive Unit has no implementation methods defined. Change to a known type or add what methods it defines"
NO_URI = "Predictive unit modelUri required when using standalone servers"
NO_MODE = "No logger mode specified"
NOT_TENSORFLOW = "Prepackaged server does not handle tensorflow protocol"
NO_SERVER = "No entry in predictors map for"
RATIO = "RANDOM_ABTEST needs a ratioA that is a number between 0 and 1"


def server(name: str, *, unit: str = "m", uri: str = "modelUri: u") -> str:
    return f"{{name: {unit}, implementation: {name}, {uri}}}"


def ab_test(*children: str, parameters: str = "") -> str:
    return (
        f"{{name: r, implementation: RANDOM_ABTEST, parameters: [{parameters}], "
        f"children: [{', '.join(f'{{name: {child}}}' for child in children)}]}}"
    )


def ratio(value: str, type_: str = "FLOAT") -> str:
    return f"{{name: ratioA, value: '{value}', type: {type_}}}"


BROKEN = [
    ("10", "{name: m}", "", f'{GRAPH}"m": {LOST}'),
    ("10", "{name: m, implementation: UNKNOWN_IMPLEMENTATION}", "", f'{GRAPH}"m": {LOST}'),
    ("10", "{name: m, type: MODEL, modelUri: u}", "", f'{GRAPH}"m": {LOST}'),
    ("10", "{name: c, children: [{name: d}, {name: C}]}", "", f'{CHILD}"C": {LOST}'),
    ("11", "{name: c, type: UNKNOWN_TYPE}", "", f'{GRAPH}"c": {IDLE}'),
    ("11", "{name: c, type: UNKNOWN_TYPE, implementation: UNKNOWN_IMPLEMENTATION}", "", f'{GRAPH}"c": {IDLE}'),
    ("11", "{name: c, type: UNKNOWN_TYPE, methods: []}", "", f'{GRAPH}"c": {IDLE}'),
    ("12", "{name: m, implementation: SKLEARN_SERVER}", "", f'{GRAPH}"m": {NO_URI}'),
    ("12", server("TRITON_SERVER", uri="modelUri: ''"), "", f'{GRAPH}"m": {NO_URI}'),
    (
        "12",
        "{name: m, implementation: TENSORFLOW_SERVER, parameters: [{name: model_name, type: STRING, value: h}]}",
        "",
        f'{GRAPH}"m": {NO_URI}',
    ),
    ("12", "{name: own, implementation: MY_SERVER}", "", f'{GRAPH}"own": {NO_URI}'),
    *[
        ("13", server(name), "tensorflow", f'{GRAPH}"m": {NOT_TENSORFLOW} {name}')
        for name in ("SKLEARN_SERVER", "XGBOOST_SERVER", "MLFLOW_SERVER", "HUGGINGFACE_SERVER")
    ],
    ("14", server("MY_SERVER"), "", f'{GRAPH}"m": {NO_SERVER} MY_SERVER'),
    ("14", server("sklearn_server"), "", f'{GRAPH}"m": {NO_SERVER} sklearn_server'),
    ("14", server("MY_SERVER", unit="c"), "", f'{GRAPH}"c": {NO_SERVER} MY_SERVER'),
    ("15", "{name: c, logger: {url: http://x}}", "", f'{GRAPH}"c": {NO_MODE}'),
    ("15", "{name: c, logger: {mode: ''}}", "", f'{GRAPH}"c": {NO_MODE}'),
    ("15", "{name: s, implementation: SIMPLE_MODEL, logger: {}}", "", f'{GRAPH}"s": {NO_MODE}'),
    *[
        (
            "children of an A/B test",
            ab_test(*children),
            "",
            f'{GRAPH}"r": RANDOM_ABTEST chooses between exactly two children, and there are {len(children)}',
        )
        for children in ("", "c", "cde")
    ],
    *[
        ("ratio of an A/B test", ab_test("c", "d", parameters=ratio(value)), "", f'{GRAPH}"{value}": {RATIO}')
        for value in ("1.01", "-0.01", "nan", "inf")
    ],
    ("ratio of an A/B test", ab_test("c", "d", parameters=ratio("half", "STRING")), "", f'{GRAPH}"half": {RATIO}'),
    (
        "a parameter's type",
        "{name: c, parameters: [{name: a, value: '1', type: INT}, {name: n, value: many, type: INT}]}",
        "",
        (
            'spec.predictors[0].graph.parameters[1]: Invalid value: "many": '
            "Bad model parameter: n with value many can't be parsed as a INT"
        ),
    ),
    (
        "repeated name",
        "{name: c, children: [{name: d, children: [{name: c}]}]}",
        "",
        (
            'spec.predictors[0].graph[0][0]: Invalid value: "c": the unit\'s name stands twice in this predictor: '
            "at spec.predictors[0].graph and at spec.predictors[0].graph[0][0]"
        ),
    ),
]

KEPT = [
    ("10", "{name: c}", ""),
    ("10", "{name: c, implementation: UNKNOWN_IMPLEMENTATION}", ""),
    ("10", "{name: m, implementation: SIMPLE_ROUTER}", ""),
    ("11", "{name: c, type: UNKNOWN_TYPE, methods: [ROUTE]}", ""),
    ("11", "{name: s, type: UNKNOWN_TYPE, implementation: SIMPLE_MODEL}", ""),
    ("11", "{name: c, type: TRANSFORMER}", ""),
    ("12", "{name: h, implementation: HUGGINGFACE_SERVER}", ""),
    (
        "12",
        "{name: t, implementation: TENSORFLOW_SERVER, parameters: [{name: grpc_endpoint, type: STRING, value: 'h:1'}]}",
        "",
    ),
    ("12", "{name: s, implementation: AVERAGE_COMBINER}", ""),
    ("13", server("TENSORFLOW_SERVER"), "tensorflow"),
    ("13", server("TRITON_SERVER"), "tensorflow"),
    ("13", server("SKLEARN_SERVER"), "v2"),
    ("14", server("MY_SERVER", unit="own"), ""),
    ("14", server("SKLEARN_SERVER", unit="c"), ""),
    *[("15", f"{{name: c, logger: {{mode: {mode}}}}}", "") for mode in ("all", "request", "response")],
    ("children of an A/B test", ab_test("c", "d"), ""),
    ("children of an A/B test", "{name: s, implementation: SIMPLE_ROUTER, children: [{name: c}]}", ""),
    *[("ratio of an A/B test", ab_test("c", "d", parameters=ratio(value)), "") for value in ("0", "1", "0.5", "1e-3")],
    ("ratio of an A/B test", f"{{name: c, parameters: [{ratio('7')}]}}", ""),
    ("a parameter's type", "{name: c, parameters: [{name: n, value: many, type: STRING}]}", ""),
    ("repeated name", "{name: c, children: [{name: d}, {name: e}]}", ""),
]

CONTAINERS = "{name: c}, {name: d}, {name: e}, {name: own, image: mine}"


@pytest.mark.parametrize(
    ("graph", "protocol", "expected"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_what_breaks_a_rule_is_told_with_its_path_and_words(graph: str, protocol: str, expected: str) -> None:
    reading = with_graph(graph, containers=CONTAINERS, extra=f", protocol: '{protocol}'")
    assert [said(problem) for problem in reading.problems] == [expected]


@pytest.mark.parametrize(("graph", "protocol"), [case[1:] for case in KEPT], ids=[case[0] for case in KEPT])
def test_what_just_keeps_to_a_rule_is_accepted(graph: str, protocol: str) -> None:
    assert with_graph(graph, containers=CONTAINERS, extra=f", protocol: '{protocol}'").problems == ()


def test_each_rule_stands_in_both_tables() -> None:
    numbered = set(re.findall(r"Rule (\d+)", " ".join(rule.__doc__ or "" for rule in UNIT_RULES)))
    for table in (BROKEN, KEPT):
        assert {case[0] for case in table if case[0].isdigit()} == numbered
    assert {case[0] for case in BROKEN} == {case[0] for case in KEPT}


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ("{name: x, type: UNKNOWN_TYPE}", [f'"x": {LOST}', f'"x": {IDLE}']),
        ("{name: m, implementation: MY_SERVER}", [f'"m": {NO_URI}', f'"m": {NO_SERVER} MY_SERVER']),
        (
            ab_test("c", "d", parameters=ratio("half")),
            [f'"half": {RATIO}', '"half": Bad model parameter: ratioA with value half can\'t be parsed as a FLOAT'],
        ),
        ("{name: x, logger: {url: u}}", [f'"x": {LOST}', f'"x": {NO_MODE}']),
    ],
)
def test_a_unit_that_breaks_two_rules_is_told_both(graph: str, expected: list[str]) -> None:
    found = with_graph(graph, containers=CONTAINERS).problems
    assert [problem.message.removeprefix("Invalid value: ") for problem in found] == expected


@pytest.mark.parametrize(
    ("graph", "containers", "hint"),
    [
        ("{name: m}", "", "this predictor has no containers"),
        ("{name: m}", "{name: a}, {name: b}", "the containers of this predictor: a, b"),
        (
            "{name: m}",
            ", ".join(f"{{name: c{number}}}" for number in range(11)),
            "the containers of this predictor: c0, c1, c2, c3, c4, c5, c6, c7, c8, c9",
        ),
        (
            server("MY_SERVER"),
            "",
            f"the servers: {', '.join(sorted(DEFAULT_SERVERS))}; --server MY_SERVER=module:Class is one of your own",
        ),
        ("{name: c, logger: {}}", "{name: c}", "logger.mode is one of all, request, response"),
        (server("SKLEARN_SERVER", uri="modelUri: ''"), "", ""),
    ],
)
def test_a_problem_says_what_there_is_to_choose_from(graph: str, containers: str, hint: str) -> None:
    assert [problem.hint for problem in with_graph(graph, containers=containers).problems] == [hint]


def test_a_childs_path_counts_children_and_its_line_is_the_childs() -> None:
    reading = read("""
        predictors:
        - name: p
          graph:
            name: m
            implementation: SKLEARN_SERVER
            modelUri: u
            children:
            - name: lost
              type: MODEL
        """)
    assert str(reading.problems[0]) == (
        'iris.yaml:12: spec.predictors[0].graph[0]: Invalid value: "lost": '
        "Can't find container for Predictive Unit\n    this predictor has no containers"
    )


def test_the_line_of_a_parameter_is_its_own() -> None:
    reading = read("""
        predictors:
        - name: p
          graph:
            name: m
            implementation: SIMPLE_MODEL
            parameters:
            - {name: a, value: "1", type: INT}
            - {name: b, value: one, type: INT}
        """)
    assert [problem.line for problem in reading.problems] == [12]


def test_a_container_of_any_pod_of_the_predictor_will_do_and_of_no_other() -> None:
    found = read(
        spec(
            "name: p, traffic: 50, graph: {name: a}, componentSpecs: [{}, {spec: {containers: [{name: a}]}}]",
            "name: q, traffic: 50, graph: {name: a}, componentSpecs: [{spec: {containers: [{name: b}]}}]",
        )
    ).problems
    assert [said(problem) for problem in found] == [f'spec.predictors[1].graph: Invalid value: "a": {LOST}']


def test_each_unit_of_one_name_but_the_first_is_told_against_the_first() -> None:
    found = with_graph("{name: c, children: [{name: d}, {name: c}, {name: c}]}", containers=CONTAINERS).problems
    twice = "the unit's name stands twice in this predictor: at spec.predictors[0].graph and at"
    assert [said(problem) for problem in found] == [
        f'spec.predictors[0].graph[{index}]: Invalid value: "c": {twice} spec.predictors[0].graph[{index}]'
        for index in (1, 2)
    ]


def test_units_of_two_predictors_may_share_a_name() -> None:
    assert read(spec(f"name: p, traffic: 50, graph: {MODEL}", f"name: q, traffic: 50, graph: {MODEL}")).problems == ()
