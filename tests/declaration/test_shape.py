import pytest

from infergraph.declaration import Method, UnitType, inspect_text
from tests.declaration.samples import MODEL, deployment, read, with_graph

UNKNOWN = [
    ("{predictors: [], protcol: v2}", "spec.protcol", 'did you mean "protocol"?'),
    (
        f"{{predictors: [{{name: p, modelUri: u, graph: {MODEL}}}]}}",
        "spec.predictors[0].modelUri",
        '"modelUri" belongs in graph',
    ),
    (
        f"{{predictors: [{{name: p, protocol: v2, graph: {MODEL}}}]}}",
        "spec.predictors[0].protocol",
        '"protocol" belongs in spec',
    ),
    (
        f"predictors: [{{name: p, graph: {MODEL}, componentSpecs: [{{spec: {{containers: [], resources: {{}}}}}}]}}]",
        "spec.predictors[0].componentSpecs[0].spec.resources",
        '"resources" belongs in containers[]',
    ),
    (
        "{predictors: [{name: p, graph: {name: r, children: [{name: m, replicas: 2}]}}]}",
        "spec.predictors[0].graph.children[0].replicas",
        '"replicas" belongs in spec.predictors[]',
    ),
    ("{predictors: [], apiVersion: v1}", "spec.apiVersion", '"apiVersion" belongs at the top level, beside kind'),
    ("{predictors: [], xyzzy: 1}", "spec.xyzzy", ""),
]


@pytest.mark.parametrize(("spec", "path", "hint"), UNKNOWN)
def test_an_unknown_field_is_told_with_what_was_meant(spec: str, path: str, hint: str) -> None:
    unknown = f'unknown field "{path.rpartition(".")[2]}"'
    (problem,) = (problem for problem in read(spec).problems if problem.message == unknown)
    assert (problem.path, problem.hint) == (path, hint)


TYPES = [
    ("parameters: [{name: n, type: STRING, value: 5}]", "expected text, got the number 5", 'quote it: "5"'),
    ("parameters: [{name: n, type: STRING, value: 1.10}]", "expected text, got the number 1.10", 'quote it: "1.10"'),
    ("parameters: [{name: n, type: STRING, value: 1e-3}]", "expected text, got the number 1e-3", 'quote it: "1e-3"'),
    ("parameters: [{name: n, type: STRING, value: yes}]", "expected text, got the boolean yes", 'quote it: "yes"'),
    (
        "parameters: {name: n}",
        "expected a list, got a mapping",
        'put a dash ("- ") before its first field, to make it a list of one',
    ),
    ("logger: [{url: u}]", "expected a mapping, got a list", "its fields stand here without a dash"),
    ("logger: on", "expected a mapping, got the boolean on", ""),
    ('endpoint: {service_port: "80"}', 'expected a whole number, got the text "80"', "remove the quotes: 80"),
    ("endpoint: {service_port: 8.5}", "expected a whole number, got the number 8.5", ""),
    (
        "endpoint: {service_port: 99999999999}",
        "expected a whole number, got the number 99999999999",
        "it has to fit into 32 bits",
    ),
    ("endpoint: {service_port: true}", "expected a whole number, got the boolean true", ""),
    ("endpoint: {type: grpc}", 'expected one of REST, GRPC, got the text "grpc"', "did you mean GRPC?"),
    ("logger: {mode: sometimes}", 'expected one of all, request, response, got the text "sometimes"', ""),
    ("type: ROUTERS", f'expected one of {", ".join(UnitType)}, got the text "ROUTERS"', "did you mean ROUTER?"),
    ("methods: [ROUTES]", f'expected one of {", ".join(Method)}, got the text "ROUTES"', "did you mean ROUTE?"),
    ("children: [null]", "expected a mapping, got nothing", ""),
]


@pytest.mark.parametrize(("field", "message", "hint"), TYPES)
def test_a_wrong_type_is_told_with_the_way_out(field: str, message: str, hint: str) -> None:
    found = with_graph(f"{{name: c, {field}}}", containers="{name: c}").problems
    assert [(problem.message, problem.hint) for problem in found] == [(message, hint)]


@pytest.mark.parametrize(
    ("field", "message", "hint"),
    [
        ('shadow: "true"', 'expected true or false, got the text "true"', "remove the quotes: true"),
        ("shadow: 1", "expected true or false, got the number 1", ""),
        (
            "componentSpecs: [{spec: {containers: [{name: c, resources: {limits: {cpu: true}}}]}}]",
            "expected text or a number, got the boolean true",
            'quote it: "true"',
        ),
    ],
)
def test_a_wrong_type_of_a_predictors_field(field: str, message: str, hint: str) -> None:
    found = read(f"predictors: [{{name: p, graph: {MODEL}, {field}}}]").problems
    assert [(problem.message, problem.hint) for problem in found] == [(message, hint)]


@pytest.mark.parametrize(
    ("spec", "missing"),
    [
        ("{}", ["spec.predictors"]),
        ("{predictors: null}", ["spec.predictors"]),
        ("{predictors: [{}]}", ["spec.predictors[0].graph", "spec.predictors[0].name"]),
        ("{predictors: [{name: p, graph: {}}]}", ["spec.predictors[0].graph.name"]),
        (
            "predictors: [{name: p, componentSpecs: [{hpaSpec: {}, kedaSpec: {}, spec: {}}], graph: {name: m}}]",
            [
                "spec.predictors[0].componentSpecs[0].hpaSpec.maxReplicas",
                "spec.predictors[0].componentSpecs[0].kedaSpec.triggers",
                "spec.predictors[0].componentSpecs[0].spec.containers",
            ],
        ),
        (
            "{predictors: [{name: p, graph: {name: m, parameters: [{}]}}]}",
            [f"spec.predictors[0].graph.parameters[0].{field}" for field in ("name", "type", "value")],
        ),
    ],
)
def test_each_required_field_is_missed(spec: str, missing: list[str]) -> None:
    found = read(spec).problems
    assert [problem.path for problem in found] == missing
    assert all("is missing" in problem.message for problem in found)


def test_null_and_an_empty_word_mean_absent() -> None:
    unit = deployment(
        "{predictors: [{name: p, graph: {name: m, type: '', children: null, implementation: SIMPLE_MODEL}}]}"
    )
    assert unit.spec.predictors[0].graph.type is None
    assert unit.spec.predictors[0].graph.children == ()


def test_the_line_is_the_one_of_the_field() -> None:
    found = read("predictors:\n- name: p\n  graph:\n    name: m\n    typo: 1\n").problems
    assert str(found[-1]).split("\n")[0] == 'iris.yaml:9: spec.predictors[0].graph.typo: unknown field "typo"'


def test_a_deployment_without_spec() -> None:
    text = "apiVersion: machinelearning.seldon.io/v1\nkind: SeldonDeployment\n"
    assert [problem.path for problem in inspect_text(text).problems] == ["spec"]


def test_hostile_numbers_of_problems_are_all_told_in_no_time() -> None:
    children = ", ".join(f"{{nme{number}: 1}}" for number in range(5_000))
    assert len(with_graph(f"{{name: r, children: [{children}]}}").problems) == 10_000
