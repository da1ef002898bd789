import json

import pytest

from infergraph.declaration import inspect_text
from tests.declaration.samples import HEAD, MODEL

VALID = f"{HEAD}  predictors: [{{name: p, graph: {MODEL}}}]\n"


@pytest.mark.parametrize("version", ["v1", "v1alpha2", "v1alpha3"])
def test_the_three_api_versions_are_one_type(version: str) -> None:
    text = VALID.replace("seldon.io/v1", f"seldon.io/{version}")
    assert inspect_text(text).manifests[0].deployment.api_version == f"machinelearning.seldon.io/{version}"


EXPECTED = "expected apiVersion: machinelearning.seldon.io/v1 and kind: SeldonDeployment"
VERSIONS = "machinelearning.seldon.io/v1, machinelearning.seldon.io/v1alpha2, machinelearning.seldon.io/v1alpha3"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metadata: {name: x}", f"-:1: {EXPECTED}, but there is no kind"),
        ("kind: ''", f"-:1: {EXPECTED}, but there is no kind"),
        ("kind: [a]", f"-:1: {EXPECTED}, but there is no kind"),
        ("- a", f"-:1: {EXPECTED}, got a list"),
        ("hello", f'-:1: {EXPECTED}, got the text "hello"'),
        (
            "kind: SeldonDeployment\napiVersion: v1",
            f'-:2: apiVersion: expected one of {VERSIONS}, got the text "v1"',
        ),
        ("kind: SeldonDeployment", f"-:1: apiVersion: expected one of {VERSIONS}, got nothing"),
        (
            "apiVersion: machinelearning.seldon.io/v1\nkind: SeldonDeploymnt",
            '-:2: kind: expected SeldonDeployment, got the text "SeldonDeploymnt"',
        ),
    ],
)
def test_a_document_that_should_be_one_and_is_not(text: str, expected: str) -> None:
    assert [str(problem) for problem in inspect_text(text).problems] == [expected]


def test_other_kinds_are_skipped_and_told() -> None:
    reading = inspect_text(f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\n---\n{VALID}---\nkind: Job\n")
    assert len(reading.manifests) == 1
    assert [(skipped.kind, skipped.name, skipped.line) for skipped in reading.skipped] == [
        ("Secret", "s", 1),
        ("Job", "", 11),
    ]


def test_a_file_of_other_kinds_only_is_a_problem() -> None:
    reading = inspect_text("kind: Secret", file="secret.yaml")
    assert str(reading.problems[0]) == (
        "secret.yaml: expected a SeldonDeployment, found none\n"
        "    one begins with\n    apiVersion: machinelearning.seldon.io/v1\n    kind: SeldonDeployment"
    )


def test_the_items_of_a_list_are_documents() -> None:
    reading = inspect_text(f"""
apiVersion: v1
kind: List
items:
- kind: Service
- apiVersion: machinelearning.seldon.io/v1
  kind: SeldonDeployment
  metadata: {{name: one}}
  spec: {{predictors: [{{name: p, graph: {MODEL}}}]}}
- apiVersion: machinelearning.seldon.io/v1
  kind: SeldonDeployment
  metadata: {{name: two}}
  spec:
    protocol: http
    predictors: [{{name: p, graph: {MODEL}}}]
""")
    assert [manifest.deployment.name for manifest in reading.manifests] == ["one"]
    assert [(problem.line, problem.path) for problem in reading.problems] == [(13, "spec")]
    assert [skipped.kind for skipped in reading.skipped] == ["Service"]


ITEM = VALID.replace("\n", "\n  ").rstrip()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"apiVersion: v1\nkind: List\nitems:\n- {ITEM}\n", ["iris"]),
        (f"apiVersion: machinelearning.seldon.io/v1\nkind: SeldonDeploymentList\nitems:\n- {ITEM}\n", ["iris"]),
        (f"kind: List\nitems:\n- {ITEM}\n---\n{VALID.replace('name: iris', 'name: rose')}", ["iris", "rose"]),
    ],
)
def test_both_kinds_of_list_are_unpacked(text: str, names: list[str]) -> None:
    reading = inspect_text(text)
    assert ([manifest.deployment.name for manifest in reading.manifests], reading.problems) == (names, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kind: List\nitems: []", "-: expected a SeldonDeployment, found none"),
        ("kind: List\nitems:", "-: expected a SeldonDeployment, found none"),
        ("kind: List", "-: expected a SeldonDeployment, found none"),
        (f"kind: Service\nitems:\n- {ITEM}", "-: expected a SeldonDeployment, found none"),
        ("kind: List\nitems:\n- kind: Secret\n- 5", f"-:4: {EXPECTED}, got the number 5"),
        ("kind: List\nitems:\n- kind: Secret\n-", f"-:4: {EXPECTED}, got nothing"),
        (
            "kind: List\nitems:\n- kind: SeldonDeployment\n  apiVersion: v1",
            f'-:4: apiVersion: expected one of {VERSIONS}, got the text "v1"',
        ),
        (
            "apiVersion: machinelearning.seldon.io/v1\nkind: SeldonDeploymentList",
            '-:2: kind: expected SeldonDeployment, got the text "SeldonDeploymentList"',
        ),
    ],
)
def test_a_list_without_a_deployment(text: str, expected: str) -> None:
    assert [str(problem).split("\n")[0] for problem in inspect_text(text).problems] == [expected]


def test_a_list_in_json_with_tabs() -> None:
    graph = {"name": "m", "implementation": "SIMPLE_MODEL"}
    deployments = [
        {
            "apiVersion": "machinelearning.seldon.io/v1",
            "kind": "SeldonDeployment",
            "metadata": {"name": name},
            "spec": {"predictors": [{"name": "p", "graph": graph}]},
        }
        for name in ("one", "two")
    ]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": deployments}, indent="\t")
    reading = inspect_text(text, file="all.json")
    assert [(manifest.deployment.name, manifest.line) for manifest in reading.manifests] == [("one", 5), ("two", 23)]
