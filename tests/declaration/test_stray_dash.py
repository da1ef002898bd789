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
