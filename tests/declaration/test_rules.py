import pytest

from infergraph.declaration import check_rules
from infergraph.declaration.rules import RULES
from infergraph.declaration.unit_rules import UNIT_RULES
from tests.declaration.samples import MODEL, deployment, read, said

OTHER = MODEL.replace("name: m", "name: n")
SPEC = "spec: Invalid value: "
FIRST = "spec.predictors[0]: Invalid value: "
SECOND = "spec.predictors[1]: Invalid value: "

CASES = [
    ("1", f"{{protocol: http, predictors: [{{name: p, graph: {MODEL}}}]}}", f'{SPEC}"http": Invalid protocol'),
    ("2", f"{{transport: udp, predictors: [{{name: p, graph: {MODEL}}}]}}", f'{SPEC}"udp": Invalid transport'),
    ("3", f"{{serverType: mq, predictors: [{{name: p, graph: {MODEL}}}]}}", f'{SPEC}"mq": Invalid serverType'),
    (
        "4",
        f"""
        serverType: kafka
        predictors: [{{name: p, svcOrchSpec: {{env: [{{name: KAFKA_BROKER}}]}}, graph: {MODEL}}}]
        """,
        f'{FIRST}"p": For kafka please supply svcOrchSpec envs KAFKA_BROKER, KAFKA_INPUT_TOPIC, KAFKA_OUTPUT_TOPIC',
    ),
    (
        "5",
        f"{{predictors: [{{name: p, shadow: true, graph: {MODEL}}}]}}",
        f'{FIRST}"p": Shadow can not exist as only predictor',
    ),
    (
        "6",
        f"""
        predictors:
        - {{name: p, traffic: 50, annotations: {{seldon.io/svc-name: X}}, graph: {MODEL}}}
        - {{name: q, traffic: 50, annotations: {{seldon.io/svc-name: X}}, graph: {MODEL}}}
        """,
        f'{SECOND}"q": Found duplicate service name in seldon.io/svc-name with value X',
    ),
    ("7", "{predictors: []}", f'{SPEC}"iris": Graph contains no predictors'),
    (
        "8",
        f"""
        predictors:
        - name: p
          annotations: {{seldon.io/no-engine: "false"}}
          graph: {{name: m, implementation: SKLEARN_SERVER, modelUri: u, children: [{OTHER}]}}
        """,
        f'{FIRST}"p": Running without engine only valid for single element graphs',
    ),
    (
        "9",
        f"{{predictors: [{{name: p, traffic: 50, graph: {MODEL}}}, {{name: p, traffic: 50, graph: {MODEL}}}]}}",
        f'{SECOND}"p": Duplicate predictor name',
    ),
    (
        "16",
        """
        predictors:
        - name: p
          graph:
            {name: m, implementation: SKLEARN_SERVER, modelUri: u, endpoint: {type: REST}, children: [
            {name: n, implementation: SKLEARN_SERVER, modelUri: u, endpoint: {type: GRPC}}]}
        """,
        f'{SPEC}"GRPC, REST": Multiple endpoint.types found - can only have 1 type in graph. Please use spec.transport',
    ),
    (
        "17",
        """
        transport: grpc
        predictors:
        - name: p
          graph: {name: m, implementation: SKLEARN_SERVER, modelUri: u, endpoint: {type: REST}}
        """,
        f'{SPEC}"grpc": Mixed transport types found. Remove graph endpoint.types if transport set at deployment level',
    ),
    (
        "18",
        f"""
        predictors:
        - {{name: p, graph: {MODEL}}}
        - {{name: q, shadow: true, graph: {MODEL}}}
        - {{name: r, shadow: true, graph: {MODEL}}}
        """,
        f'{SPEC}"q, r": Multiple shadows are not allowed',
    ),
    (
        "19",
        f"{{predictors: [{{name: p, graph: {MODEL}}}, {{name: q, shadow: true, traffic: 101, graph: {MODEL}}}]}}",
        f'{SPEC}"101": shadow traffic is illegal, the traffic number should be between [0, 100]',
    ),
    (
        "20",
        f"{{predictors: [{{name: p, traffic: 60, graph: {MODEL}}}, {{name: q, traffic: 50, graph: {MODEL}}}]}}",
        f'{SPEC}"110": Traffic must sum to 100 for multiple predictors',
    ),
    (
        "21",
        f"{{predictors: [{{name: p, traffic: 99, graph: {MODEL}}}]}}",
        f'{SPEC}"99": Traffic must sum be 100 for a single predictor when set',
    ),
    (
        "negative traffic",
        f"{{predictors: [{{name: p, traffic: -10, graph: {MODEL}}}, {{name: q, traffic: 110, graph: {MODEL}}}]}}",
        'spec.predictors[0].traffic: Invalid value: "-10": traffic must be between 0 and 100',
    ),
    (
        "negative replicas",
        f"{{predictors: [{{name: p, componentSpecs: [{{replicas: -1}}], graph: {MODEL}}}]}}",
        'spec.predictors[0].componentSpecs[0].replicas: Invalid value: "-1": replicas must be 0 or more',
    ),
]


@pytest.mark.parametrize(("spec", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_rule_has_its_path_and_words(spec: str, expected: str) -> None:
    assert [said(problem) for problem in read(spec).problems] == [expected]


def test_every_rule_is_asked() -> None:
    assert len(RULES) + len(UNIT_RULES) == 27
    assert all((rule.__doc__ or "").startswith(("Rule ", "Ours: ")) for rule in (*RULES, *UNIT_RULES))


def test_several_problems_are_found_at_once() -> None:
    found = read(f"{{protocol: a, transport: b, serverType: c, predictors: [{{name: p, graph: {MODEL}}}]}}").problems
    assert [problem.message.rpartition(": ")[2] for problem in found] == [
        "Invalid protocol",
        "Invalid transport",
        "Invalid serverType",
    ]


@pytest.mark.parametrize(
    "spec",
    [
        f"{{predictors: [{{name: p, traffic: 0, graph: {MODEL}}}]}}",
        f"{{predictors: [{{name: p, traffic: 100, graph: {MODEL}}}, {{name: q, traffic: 0, graph: {MODEL}}}]}}",
        f"{{predictors: [{{name: p, traffic: 50, graph: {MODEL}}}, {{name: q, shadow: true, graph: {MODEL}}}]}}",
        f"{{predictors: [{{name: p, replicas: 0, graph: {MODEL}}}]}}",
    ],
)
def test_edges_of_the_rules_are_accepted(spec: str) -> None:
    assert read(spec).problems == ()


def test_the_known_servers_are_an_argument() -> None:
    known = deployment(f"{{predictors: [{{name: p, graph: {MODEL}}}]}}")
    assert [said(problem) for problem in check_rules(known, servers={"MY_SERVER"})] == [
        'spec.predictors[0].graph: Invalid value: "m": No entry in predictors map for SKLEARN_SERVER'
    ]
