from pathlib import Path

import pytest

from infergraph.declaration import inspect_manifests, read_manifests
from infergraph.errors import BadManifest
from tests.declaration.samples import HEAD, MODEL

VALID = f"{HEAD}  predictors: [{{name: p, graph: {MODEL}}}]\n"


def test_a_manifest_knows_its_file(tmp_path: Path) -> None:
    file = tmp_path / "iris.yaml"
    file.write_text(VALID)
    (manifest,) = read_manifests([str(file)])
    assert (manifest.deployment.name, manifest.path) == ("iris", file)


def test_the_error_holds_every_problem_of_every_file_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("b.yaml").write_text(f"{HEAD}  protocol: http\n  typo: 1\n  predictors: []\n")
    Path("a.yaml").write_text(f"{HEAD}  predictors:\n  - name: p\n    graph: {{name: c}}\n")
    with pytest.raises(BadManifest) as caught:
        read_manifests(["b.yaml", "a.yaml", "c.yaml"])
    assert str(caught.value) == (
        'a.yaml:7: spec.predictors[0].graph: Invalid value: "c": Can\'t find container for Predictive Unit\n'
        "    this predictor has no containers\n"
        'b.yaml:4: spec: Invalid value: "http": Invalid protocol\n'
        "    expected one of kfserving, seldon, tensorflow, v2\n"
        'b.yaml:4: spec: Invalid value: "iris": Graph contains no predictors\n'
        'b.yaml:6: spec.typo: unknown field "typo"\n'
        f"c.yaml: there is no such file (looked in {tmp_path})"
    )


def test_servers_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "iris.yaml"
    file.write_text(VALID.replace("SKLEARN_SERVER", "MY_SERVER"))
    assert len(inspect_manifests([file]).problems) == 1
    assert len(read_manifests([file], servers={"MY_SERVER"})) == 1


def test_a_deployment_that_two_files_declare(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(VALID)
    reading = inspect_manifests([tmp_path])
    assert [manifest.path.name for manifest in reading.manifests] == ["a.yaml"]
    assert [str(problem) for problem in reading.problems] == [
        (
            f'{tmp_path}/b.yaml:1: metadata.name: Invalid value: "default/iris": '
            f"this deployment is declared already, at {tmp_path}/a.yaml:1"
        )
    ]


def test_one_name_in_two_namespaces(tmp_path: Path) -> None:
    text = VALID + "---\n" + VALID.replace("name: iris", "name: iris, namespace: other")
    (tmp_path / "a.yaml").write_text(text)
    assert [manifest.line for manifest in read_manifests([tmp_path])] == [1, 7]


def test_a_deployment_without_a_name(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(VALID.replace("{name: iris}", "{labels: {}}"))
    (problem,) = inspect_manifests([tmp_path]).problems
    assert (problem.line, problem.path) == (3, "metadata.name")
    assert problem.message == 'Invalid value: "": a SeldonDeployment needs a name'
    assert problem.hint == "add metadata: {name: my-model}"


def test_a_folder_of_other_kinds_has_no_deployment(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: Service")
    (tmp_path / "b.yaml").write_text(VALID)
    assert len(read_manifests([tmp_path])) == 1
    (tmp_path / "b.yaml").unlink()
    assert inspect_manifests([tmp_path]).problems[0].message == "expected a SeldonDeployment, found none"
