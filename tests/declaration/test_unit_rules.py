import pytest

from tests.declaration.samples import MODEL, read, said, with_graph

GRAPH = "spec.predictors[0].graph: Invalid value: "

CASES = [
    ("10", "{name: m}", f'{GRAPH}"m": Can\'t find container for Predictive Unit'),
    (
        "10",
        "{name: m, implementation: UNKNOWN_IMPLEMENTATION}",
        f'{GRAPH}"m": Can\'t find container for Predictive Unit',
    ),
    (
        "11",
        "{name: c, type: UNKNOWN_TYPE}",
        (
            f'{GRAPH}"c": Predictive Unit has no implementation methods defined. '
            "Change to a known type or add what methods it defines"
        ),
    ),
    (
        "12",
        "{name: m, implementation: SKLEARN_SERVER}",
        f'{GRAPH}"m": Predictive unit modelUri required when using standalone servers',
    ),
    (
        "14",
        "{name: m, implementation: MY_SERVER, modelUri: u}",
        f'{GRAPH}"m": No entry in predictors map for MY_SERVER',
    ),
    (
        "15",
        "{name: c, logger: {url: http://x}}",
        f'{GRAPH}"c": No logger mode specified',
    ),
    (
        "children of an A/B test",
        "{name: r, implementation: RANDOM_ABTEST, children: [{name: c}]}",
        f'{GRAPH}"r": RANDOM_ABTEST chooses between exactly two children, and there are 1',
    ),
    (
        "ratio of an A/B test",
        (
            "{name: r, implementation: RANDOM_ABTEST, children: [{name: c}, {name: d}],"
            ' parameters: [{name: ratioA, value: "1.5", type: FLOAT}]}'
        ),
        f'{GRAPH}"1.5": RANDOM_ABTEST needs a ratioA that is a number between 0 and 1',
    ),
    (
        "a parameter's type",
        "{name: c, parameters: [{name: n, value: many, type: INT}]}",
        (
            'spec.predictors[0].graph.parameters[0]: Invalid value: "many": '
            "Bad model parameter: n with value many can't be parsed as a INT"
        ),
    ),
    (
        "repeated name",
        "{name: c, children: [{name: d, children: [{name: c}]}]}",
        (
            'spec.predictors[0].graph[0][0]: Invalid value: "c": the unit\'s name stands twice in this predictor: '
            "at spec.predictors[0].graph and at spec.predictors[0].graph[0][0]"
        ),
    ),
]


@pytest.mark.parametrize(("graph", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_rule_has_its_path_and_words(graph: str, expected: str) -> None:
    reading = with_graph(graph, containers="{name: c}, {name: d}")
    assert [said(problem) for problem in reading.problems] == [expected]


@pytest.mark.parametrize("server", ["SKLEARN_SERVER", "XGBOOST_SERVER", "MLFLOW_SERVER", "HUGGINGFACE_SERVER"])
def test_rule_13(server: str) -> None:
    reading = with_graph(f"{{name: m, implementation: {server}, modelUri: u}}", extra=", protocol: tensorflow")
    assert [said(problem) for problem in reading.problems] == [
        f'{GRAPH}"m": Prepackaged server does not handle tensorflow protocol {server}'
    ]


@pytest.mark.parametrize(
    "graph",
    [
        "{name: c}",
        "{name: c, type: UNKNOWN_TYPE, methods: [ROUTE]}",
        "{name: h, implementation: HUGGINGFACE_SERVER}",
        "{name: own, implementation: MY_SERVER, modelUri: u}",
        "{name: r, implementation: RANDOM_ABTEST, children: [{name: c}, {name: d}]}",
        "{name: s, implementation: SIMPLE_MODEL}",
    ],
)
def test_edges_of_the_rules_are_accepted(graph: str) -> None:
    assert with_graph(graph, containers="{name: c}, {name: d}, {name: own, image: mine}").problems == ()


def test_a_ratio_that_is_no_number_is_told_by_both_of_its_rules() -> None:
    graph = "{name: r, implementation: RANDOM_ABTEST, children: [{name: c}, {name: d}], parameters: [%s]}"
    ratio = "{name: ratioA, value: half, type: FLOAT}"
    found = with_graph(graph % ratio, containers="{name: c}, {name: d}").problems
    assert [problem.message for problem in found] == [
        'Invalid value: "half": RANDOM_ABTEST needs a ratioA that is a number between 0 and 1',
        'Invalid value: "half": Bad model parameter: ratioA with value half can\'t be parsed as a FLOAT',
    ]


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


def test_units_of_two_predictors_may_share_a_name() -> None:
    spec = f"{{predictors: [{{name: p, traffic: 50, graph: {MODEL}}}, {{name: q, traffic: 50, graph: {MODEL}}}]}}"
    assert read(spec).problems == ()
