"""The rules for a deployment and its predictors: each with what breaks it, and with what just does not."""

import re

import pytest

from infergraph.declaration import check_rules
from infergraph.declaration.rules import RULES
from infergraph.declaration.unit_rules import UNIT_RULES
from tests.declaration.samples import MODEL, deployment, read, said, spec

SPEC = "spec: Invalid value: "
FIRST = "spec.predictors[0]: Invalid value: "
SECOND = "spec.predictors[1]: Invalid value: "
THIRD = "spec.predictors[2]: Invalid value: "

BUILT_IN = "graph: {name: m, implementation: SIMPLE_MODEL}"
PAIR = "graph: {name: m, implementation: SIMPLE_MODEL, children: [{name: n, implementation: SIMPLE_MODEL}]}"

NO_TOPICS = "For kafka please supply svcOrchSpec envs KAFKA_BROKER, KAFKA_INPUT_TOPIC, KAFKA_OUTPUT_TOPIC"
ONE_UNIT = "Running without engine only valid for single element graphs"
SAME_SERVICE = "Found duplicate service name in seldon.io/svc-name with value"
SOLE_TYPE = "Multiple endpoint.types found - can only have 1 type in graph. Please use spec.transport"
OTHER_TYPE = "Mixed transport types found. Remove graph endpoint.types if transport set at deployment level"
SHADOW_SHARE = "shadow traffic is illegal, the traffic number should be between [0, 100]"
SUM = "Traffic must sum to 100 for multiple predictors"
SINGLE = "Traffic must sum be 100 for a single predictor when set"


def topics(*names: str) -> str:
    return f"svcOrchSpec: {{env: [{', '.join(f'{{name: KAFKA_{name}}}' for name in names)}]}}"


def service(name: str) -> str:
    return f"annotations: {{seldon.io/svc-name: {name}}}"


def called(*types: str) -> str:
    """A chain of units, each called over REST or GRPC."""
    graph = "{name: last, implementation: SIMPLE_MODEL}"
    for number, type_ in enumerate(types):
        graph = f"{{name: m{number}, implementation: SIMPLE_MODEL, endpoint: {{type: {type_}}}, children: [{graph}]}}"
    return f"graph: {graph}"


BROKEN = [
    ("1", spec("name: p", protocol="http"), f'{SPEC}"http": Invalid protocol'),
    ("1", spec("name: p", protocol="V2"), f'{SPEC}"V2": Invalid protocol'),
    ("1", spec("name: p", protocol="oip"), f'{SPEC}"oip": Invalid protocol'),
    ("2", spec("name: p", transport="udp"), f'{SPEC}"udp": Invalid transport'),
    ("2", spec("name: p", transport="GRPC"), f'{SPEC}"GRPC": Invalid transport'),
    ("3", spec("name: p", serverType="mq"), f'{SPEC}"mq": Invalid serverType'),
    ("3", spec("name: p", serverType="rest"), f'{SPEC}"rest": Invalid serverType'),
    ("4", spec("name: p", serverType="kafka"), f'{FIRST}"p": {NO_TOPICS}'),
    ("4", spec("name: p, svcOrchSpec: {}", serverType="kafka"), f'{FIRST}"p": {NO_TOPICS}'),
    ("4", spec(f"name: p, {topics('BROKER', 'INPUT_TOPIC')}", serverType="kafka"), f'{FIRST}"p": {NO_TOPICS}'),
    ("4", spec(f"name: p, {topics('BROKER', 'OUTPUT_TOPIC')}", serverType="kafka"), f'{FIRST}"p": {NO_TOPICS}'),
    ("4", spec(f"name: p, {topics('INPUT_TOPIC', 'OUTPUT_TOPIC')}", serverType="kafka"), f'{FIRST}"p": {NO_TOPICS}'),
    (
        "4",
        spec(
            f"name: p, {topics('BROKER', 'INPUT_TOPIC', 'OUTPUT_TOPIC')}", "name: q, shadow: true", serverType="kafka"
        ),
        f'{SECOND}"q": {NO_TOPICS}',
    ),
    ("5", spec("name: p, shadow: true"), f'{FIRST}"p": Shadow can not exist as only predictor'),
    (
        "6",
        spec(f"name: p, traffic: 50, {service('X')}", f"name: q, traffic: 50, {service('X')}"),
        f'{SECOND}"q": {SAME_SERVICE} X',
    ),
    (
        "6",
        spec(f"name: p, {service('X')}", "name: q, traffic: 100", f"name: r, {service('X')}"),
        f'{THIRD}"r": {SAME_SERVICE} X',
    ),
    ("7", "{predictors: []}", f'{SPEC}"iris": Graph contains no predictors'),
    ("8", spec(f"name: p, annotations: {{seldon.io/no-engine: 'true'}}, {PAIR}"), f'{FIRST}"p": {ONE_UNIT}'),
    ("8", spec(f"name: p, annotations: {{seldon.io/no-engine: 'false'}}, {PAIR}"), f'{FIRST}"p": {ONE_UNIT}'),
    (
        "8",
        spec("name: p", f"name: q, shadow: true, annotations: {{seldon.io/no-engine: ''}}, {PAIR}"),
        f'{SECOND}"q": {ONE_UNIT}',
    ),
    ("9", spec("name: p, traffic: 50", "name: p, traffic: 50"), f'{SECOND}"p": Duplicate predictor name'),
    ("9", spec("name: p", "name: q, traffic: 100", "name: p"), f'{THIRD}"p": Duplicate predictor name'),
    ("16", spec(f"name: p, {called('REST', 'GRPC')}"), f'{SPEC}"GRPC, REST": {SOLE_TYPE}'),
    (
        "16",
        spec(f"name: p, {called('GRPC')}", f"name: q, shadow: true, {called('REST')}"),
        f'{SPEC}"GRPC, REST": {SOLE_TYPE}',
    ),
    ("16", spec(f"name: p, {called('REST', 'GRPC')}", transport="grpc"), f'{SPEC}"GRPC, REST": {SOLE_TYPE}'),
    ("17", spec(f"name: p, {called('REST')}", transport="grpc"), f'{SPEC}"grpc": {OTHER_TYPE}'),
    ("17", spec(f"name: p, {called('GRPC')}", transport="rest"), f'{SPEC}"rest": {OTHER_TYPE}'),
    (
        "18",
        spec("name: p", "name: q, shadow: true", "name: r, shadow: true"),
        f'{SPEC}"q, r": Multiple shadows are not allowed',
    ),
    ("19", spec("name: p", "name: q, shadow: true, traffic: 101"), f'{SPEC}"101": {SHADOW_SHARE}'),
    ("19", spec("name: p", "name: q, shadow: true, traffic: -1"), f'{SPEC}"-1": {SHADOW_SHARE}'),
    ("20", spec("name: p, traffic: 50", "name: q, traffic: 51"), f'{SPEC}"101": {SUM}'),
    ("20", spec("name: p, traffic: 50", "name: q, traffic: 49"), f'{SPEC}"99": {SUM}'),
    ("20", spec("name: p", "name: q"), f'{SPEC}"0": {SUM}'),
    (
        "20",
        spec("name: p, traffic: 50", "name: q, traffic: 49", "name: s, traffic: 1, shadow: true"),
        f'{SPEC}"99": {SUM}',
    ),
    ("21", spec("name: p, traffic: 1"), f'{SPEC}"1": {SINGLE}'),
    ("21", spec("name: p, traffic: 99"), f'{SPEC}"99": {SINGLE}'),
    (
        "negative traffic",
        spec("name: p, traffic: 110", "name: q, traffic: -10"),
        'spec.predictors[1].traffic: Invalid value: "-10": traffic must be between 0 and 100',
    ),
    (
        "negative traffic",
        spec("name: p, traffic: -1"),
        'spec.predictors[0].traffic: Invalid value: "-1": traffic must be between 0 and 100',
    ),
]

KEPT = [
    *[
        ("1", spec(f"name: p, {BUILT_IN}", protocol=known))
        for known in ("seldon", "tensorflow", "kfserving", "v2", "''")
    ],
    *[("2", spec("name: p", transport=known)) for known in ("rest", "grpc", "''")],
    *[("3", spec("name: p", serverType=known)) for known in ("rpc", "''")],
    ("4", spec(f"name: p, {topics('OUTPUT_TOPIC', 'MORE', 'INPUT_TOPIC', 'BROKER')}", serverType="kafka")),
    ("5", spec("name: p", "name: q, shadow: true")),
    ("5", spec("name: p, shadow: false")),
    ("6", spec(f"name: p, traffic: 50, {service('X')}", f"name: q, traffic: 50, {service('x')}")),
    ("6", spec("name: p, traffic: 50, annotations: {other: X}", "name: q, traffic: 50, annotations: {other: X}")),
    ("7", spec("name: p")),
    ("8", spec("name: p, annotations: {seldon.io/no-engine: 'true'}")),
    ("8", spec(f"name: p, {PAIR}", annotations="{seldon.io/no-engine: 'true'}")),
    ("9", spec("name: p, traffic: 50", "name: P, traffic: 50")),
    ("16", spec(f"name: p, {called('REST', 'REST')}")),
    ("16", spec(f"name: p, {called('GRPC')}", "name: q, shadow: true")),
    ("17", spec(f"name: p, {called('GRPC')}", transport="grpc")),
    ("17", spec(f"name: p, {called('REST')}", transport="rest")),
    ("17", spec(f"name: p, {called('GRPC')}")),
    ("17", spec("name: p, graph: {name: m, implementation: SIMPLE_MODEL, endpoint: {httpPort: 1}}", transport="grpc")),
    ("18", spec("name: p", "name: q, shadow: true")),
    ("19", spec("name: p", "name: q, shadow: true, traffic: 0")),
    ("19", spec("name: p", "name: q, shadow: true, traffic: 100")),
    ("20", spec("name: p, traffic: 99", "name: q, traffic: 1")),
    ("20", spec("name: p, traffic: 100", "name: q, traffic: 0")),
    ("20", spec("name: p, traffic: 30", "name: q, traffic: 30", "name: r, traffic: 40")),
    ("20", spec("name: p, traffic: 50", "name: q, traffic: 50", "name: s, traffic: 50, shadow: true")),
    ("20", spec("name: p, traffic: 50", "name: s, traffic: 10, shadow: true")),  # one that is no shadow
    ("21", spec("name: p")),
    ("21", spec("name: p, traffic: 0")),
    ("21", spec("name: p, traffic: 100")),
    ("21", spec("name: p, traffic: 101")),
    ("negative traffic", spec("name: p, traffic: 0", "name: q, traffic: 100")),
]


@pytest.mark.parametrize(("spec", "expected"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_breaks_a_rule_is_told_with_its_path_and_words(spec: str, expected: str) -> None:
    assert [said(problem) for problem in read(spec).problems] == [expected]


@pytest.mark.parametrize("spec", [case[1] for case in KEPT], ids=[case[0] for case in KEPT])
def test_what_just_keeps_to_a_rule_is_accepted(spec: str) -> None:
    assert read(spec).problems == ()


REPLICAS = [
    (spec("name: p", replicas="-1"), "spec"),
    (spec("name: p", "name: q, shadow: true, replicas: -1"), "spec.predictors[1]"),
    (spec("name: p, componentSpecs: [{replicas: 0}, {replicas: -1}]"), "spec.predictors[0].componentSpecs[1]"),
    (spec("name: p, svcOrchSpec: {replicas: -1}"), "spec.predictors[0].svcOrchSpec"),
    (spec("name: p, explainer: {replicas: -1}"), "spec.predictors[0].explainer"),
]


@pytest.mark.parametrize(("text", "owner"), REPLICAS)
def test_replicas_are_counts_everywhere(text: str, owner: str) -> None:
    assert [said(problem) for problem in read(text).problems] == [
        f'{owner}.replicas: Invalid value: "-1": replicas must be 0 or more'
    ]
    assert read(text.replace("-1", "0")).problems == ()


def test_each_rule_stands_in_the_table() -> None:
    numbered = set(re.findall(r"Rule (\d+)", " ".join(rule.__doc__ or "" for rule in RULES)))
    assert {case[0] for case in BROKEN} - {"negative traffic"} == numbered
    assert {case[0] for case in KEPT} - {"negative traffic"} == numbered


def test_the_twenty_one_rules_are_asked_and_some_of_ours() -> None:
    rules = [(rule.__doc__ or "").partition(".")[0].partition(":")[0] for rule in (*RULES, *UNIT_RULES)]
    assert sorted(rules) == sorted([*(f"Rule {number}" for number in range(1, 22)), *["Ours"] * 6])


def test_several_problems_are_found_at_once() -> None:
    found = read(spec("name: p, shadow: true, traffic: 50", protocol="a", transport="b", serverType="c")).problems
    assert [problem.message.rpartition(": ")[2] for problem in found] == [
        "Invalid protocol",
        "Invalid transport",
        "Invalid serverType",
        SINGLE,
        "Shadow can not exist as only predictor",
    ]


def test_each_of_three_of_one_name_but_the_first_is_told() -> None:
    names = [f"name: p, traffic: {share}, {service('X')}" for share in (50, 25, 25)]
    assert [said(problem) for problem in read(spec(*names)).problems] == [
        f'{SECOND}"p": {SAME_SERVICE} X',
        f'{SECOND}"p": Duplicate predictor name',
        f'{THIRD}"p": {SAME_SERVICE} X',
        f'{THIRD}"p": Duplicate predictor name',
    ]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (spec("name: p", protocol="a"), "expected one of kfserving, seldon, tensorflow, v2"),
        (spec("name: p", transport="a"), "expected one of grpc, rest"),
        (spec("name: p", serverType="a"), "expected one of kafka, rpc"),
    ],
)
def test_an_unknown_word_is_told_with_the_known_ones(text: str, hint: str) -> None:
    assert [problem.hint for problem in read(text).problems] == [hint]


def test_the_known_servers_are_an_argument() -> None:
    known = deployment(f"{{predictors: [{{name: p, graph: {MODEL}}}]}}")
    assert [said(problem) for problem in check_rules(known, servers={"MY_SERVER"})] == [
        'spec.predictors[0].graph: Invalid value: "m": No entry in predictors map for SKLEARN_SERVER'
    ]
