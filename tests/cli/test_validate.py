from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infergraph.cli.validate import validate
from infergraph.declaration import DEFAULT_SERVERS
from tests.declaration.samples import HEAD, MODEL

VALID = f"{HEAD}  predictors: [{{name: p, graph: {MODEL}}}]\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(validate, arguments, input=stdin)


def test_a_valid_manifest() -> None:
    Path("iris.yaml").write_text(VALID)
    result = run("iris.yaml")
    assert (result.exit_code, result.output) == (0, "iris.yaml: SeldonDeployment default/iris is valid\n")


def test_every_problem_and_their_number() -> None:
    Path("iris.yaml").write_text(
        VALID.replace("SKLEARN", "MY").replace("  predictors", "  protocol: http\n  predictors")
    )
    result = run("iris.yaml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        'iris.yaml:4: spec: Invalid value: "http": Invalid protocol\n'
        "    expected one of kfserving, seldon, tensorflow, v2\n"
        'iris.yaml:6: spec.predictors[0].graph: Invalid value: "m": No entry in predictors map for MY_SERVER\n'
        f"    the servers: {', '.join(sorted(DEFAULT_SERVERS))}; --server MY_SERVER=module:Class is one of your own\n"
        "2 problems found\n"
    )


def test_a_server_of_ones_own() -> None:
    Path("iris.yaml").write_text(VALID.replace("SKLEARN", "MY"))
    for named in ("MY_SERVER", "MY_SERVER=module:Class"):
        assert run("iris.yaml", "--server", named).exit_code == 0
    assert run("iris.yaml", "--server", "OTHER_SERVER").exit_code == 1


def test_valid_ones_are_told_beside_the_others(folder: Path) -> None:
    Path("a.yaml").write_text(VALID)
    Path("b.yaml").write_text("{")
    result = run(str(folder))
    assert result.exit_code == 1
    assert result.stdout == f"{folder}/a.yaml: SeldonDeployment default/iris is valid\n"
    assert result.stderr.endswith("\n1 problem found\n")


def test_documents_of_other_kinds_are_noted() -> None:
    result = run("-", stdin=f"kind: Service\nmetadata: {{name: s}}\n---\n{VALID}")
    assert result.exit_code == 0
    assert result.stderr == "-:1: skipped Service s: it is no SeldonDeployment\n"
    assert result.stdout == "-: SeldonDeployment default/iris is valid\n"


def test_a_missing_file_is_one_message(folder: Path) -> None:
    result = run("nowhere.yaml")
    assert (result.exit_code, result.output) == (
        1,
        f"nowhere.yaml: there is no such file (looked in {folder})\n1 problem found\n",
    )


def test_without_a_file_the_usage_is_shown() -> None:
    result = run()
    assert result.exit_code == 2
    assert "Usage: validate [OPTIONS] FILE..." in result.output


def test_help_shows_an_example() -> None:
    assert "  infergraph validate iris.yaml\n" in run("--help").output
