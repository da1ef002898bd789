import pytest
import yaml

from tests.declaration.samples import HEAD, read

# As it stands in a tutorial.
SPEC = """
predictors:
  - componentSpecs:
  - spec:
      containers:
      - name: classifier
        resources: {requests: {memory: 50Mi}}
  - graph:
      children: []
      implementation: SKLEARN_SERVER
      modelUri: gs://seldon-models/sklearn/iris
      name: classifier
    name: default
    replicas: 1
"""

TOLD = """\
iris.yaml:6: spec.predictors: 3 list items are the pieces of one predictor; the dashes on lines 7 and 11 cut it up
    line 7: indent by two spaces, with the lines that belong to it, so that it stands in componentSpecs
    line 11: put a space in place of the dash
    the whole predictor is then:
      - componentSpecs:
        - spec: ...
        graph: ...
        name: default
        replicas: 1"""


def test_one_problem_tells_which_dashes_to_move() -> None:
    assert [str(problem) for problem in read(SPEC).problems] == [TOLD]


def test_what_it_tells_to_do_makes_the_manifest_valid() -> None:
    lines = (HEAD + "\n".join("  " + line for line in SPEC.strip("\n").split("\n"))).split("\n")
    for number in range(7, 11):  # line 7 with the lines that belong to it
        lines[number - 1] = "  " + lines[number - 1]
    lines[11 - 1] = lines[11 - 1].replace("-", " ", 1)
    spec = "\n".join(lines[4:])
    assert read(spec).problems == ()


def test_the_skeleton_is_the_predictor_that_comes_of_it() -> None:
    skeleton = yaml.safe_load(TOLD.split("then:\n")[1])
    assert skeleton == [{"componentSpecs": [{"spec": "..."}], "graph": "...", "name": "default", "replicas": 1}]


def test_mistakes_inside_the_pieces_are_told_too() -> None:
    found = read(SPEC.replace("replicas: 1", 'replicas: "1"')).problems
    assert [problem.path for problem in found] == ["spec.predictors", "spec.predictors[2].replicas"]


def test_a_dash_before_each_field() -> None:
    found = read("""
        predictors:
        - name: default
        - graph: {name: m, implementation: SKLEARN_SERVER, modelUri: u}
        """).problems
    assert [problem.message for problem in found] == [
        "2 list items are the pieces of one predictor; the dash on line 7 cut it up"
    ]


def test_items_that_make_no_whole_are_told_field_by_field() -> None:
    found = read("{predictors: [{name: a}, {name: b}]}").problems
    assert [problem.path for problem in found] == ["spec.predictors[0].graph", "spec.predictors[1].graph"]


def test_a_whole_predictor_after_the_pieces_is_left_alone() -> None:
    other = "  - {name: other, graph: {name: classifier, implementation: SKLEARN_SERVER, modelUri: u}}"
    assert len(read(SPEC + other).problems) == 1


WHOLE = "{name: m, implementation: SKLEARN_SERVER, modelUri: u}"


@pytest.mark.parametrize(
    ("text", "lines", "skeleton"),
    [
        (f"predictors:\n- graph: {WHOLE}\n- name: p", "dash on line 7", ["- graph: ...", "  name: p"]),
        (
            f"predictors:\n- traffic: 100\n- name: p\n  graph: {WHOLE}",
            "dash on line 7",
            ["- traffic: 100", "  name: p", "  graph: ..."],
        ),
        (
            f"predictors:\n- name: p\n- traffic: 100\n- graph: {WHOLE}",
            "dashes on lines 7 and 8",
            ["- name: p", "  traffic: 100", "  graph: ..."],
        ),
        (
            f"predictors:\n- name: p\n- replicas: 010\n- shadow:\n- graph: {WHOLE}",
            "dashes on lines 7 and 8 and 9",
            ["- name: p", "  replicas: 010", "  shadow:", "  graph: ..."],
        ),
        (
            f"predictors:\n- name: p\n- componentSpecs: []\n- spec: {{containers: []}}\n- graph: {WHOLE}",
            "dashes on lines 7 and 8 and 9",
            ["- name: p", "  componentSpecs: ...", "  - spec: ...", "  graph: ..."],
        ),
        (
            (
                "predictors:\n- componentSpecs:\n- spec: {containers: []}\n  replicas: 1\n"
                f"- graph: {WHOLE}\n  name: p\n  replicas: 2"
            ),
            "dashes on lines 7 and 9",
            ["- componentSpecs:", "  - spec: ...", "    replicas: 1", "  graph: ...", "  name: p", "  replicas: 2"],
        ),
    ],
)
def test_the_pieces_of_one_predictor(text: str, lines: str, skeleton: list[str]) -> None:
    (problem,) = read(text).problems
    assert problem.message.endswith(f"are the pieces of one predictor; the {lines} cut it up")
    assert problem.hint.split("then:\n")[1].split("\n") == [f"  {line}" for line in skeleton]
    assert problem.line == 6


def test_the_pieces_of_one_container() -> None:
    found = read(f"""
        predictors:
        - name: p
          graph: {WHOLE}
          componentSpecs:
          - spec:
              containers:
              - name: c
                volumeMounts:
                - name: data
                - mountPath: /data
        """).problems
    assert [problem.message for problem in found] == [
        "2 list items are the pieces of one volume mount; the dash on line 14 cut it up"
    ]
    assert [problem.path for problem in found] == [
        "spec.predictors[0].componentSpecs[0].spec.containers[0].volumeMounts"
    ]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        # Two that repeat a field are two
        (f"- name: p\n- name: q\n  graph: {WHOLE}", ["[0].graph"]),
        # What comes after a whole one is judged on its own
        (f"- name: p\n  graph: {WHOLE}\n- traffic: 5", ["[1].graph", "[1].name"]),
        # Nothing that the predictor or its last list could hold
        (f"- name: p\n- image: x\n- graph: {WHOLE}", ["[0].graph", "[1].graph", "[1].image", "[1].name", "[2].name"]),
        (f"- name: p\n- 5\n- graph: {WHOLE}", ["[0].graph", "[1]", "[2].name"]),
        (
            f"- replicas:\n- image: x\n- name: p\n  graph: {WHOLE}",
            ["[0].graph", "[0].name", "[1].graph", "[1].image", "[1].name"],
        ),
        (
            f"- componentSpecs:\n- image: x\n- name: p\n  graph: {WHOLE}",
            ["[0].graph", "[0].name", "[1].graph", "[1].image", "[1].name"],
        ),
        # A list that has entries already is not what a dash has cut off
        (
            f"- componentSpecs: [{{}}]\n- spec: {{containers: []}}\n- name: p\n  graph: {WHOLE}",
            ["[0].graph", "[0].name", "[1].graph", "[1].name", "[1].spec"],
        ),
        # A field that says nothing is no field
        (f"- name:\n- graph: {WHOLE}", ["[0].graph", "[0].name", "[1].name"]),
        # One piece alone
        ("- name: p", ["[0].graph"]),
    ],
)
def test_what_is_no_case_of_a_stray_dash_is_told_field_by_field(text: str, paths: list[str]) -> None:
    found = read(f"predictors:\n{text}").problems
    assert not [problem for problem in found if "pieces" in problem.message]
    assert sorted(problem.path.removeprefix("spec.predictors") for problem in found) == paths


def test_two_predictors_each_cut_up_are_told_apart() -> None:
    text = f"predictors:\n- name: p\n- graph: {WHOLE}\n- name: q\n- graph: {WHOLE}"
    assert [(problem.line, problem.message.partition(";")[0]) for problem in read(text).problems] == [
        (6, "2 list items are the pieces of one predictor"),
        (8, "2 list items are the pieces of one predictor"),
    ]


def test_a_list_of_words_has_no_pieces() -> None:
    graph = "{name: m, implementation: SIMPLE_MODEL, children: [{methods: }, {value: x}, {name: n}], methods: [A, B]}"
    found = read(f"predictors:\n- name: p\n  graph: {graph}").problems
    assert sorted(problem.path.removeprefix("spec.predictors[0].graph.") for problem in found) == [
        "children[0].name",
        "children[1].name",
        "children[1].value",
        "methods[0]",
        "methods[1]",
    ]
