from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from infergraph.cli.main import main
from tests.kubernetes.rendering import GOLDEN, MANIFESTS

PLAIN = (MANIFESTS / "plain.yaml").read_text()


def render(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["render", *map(str, arguments)], input=stdin)


def test_it_prints_the_golden_objects() -> None:
    done = render(MANIFESTS / "plain.yaml")
    assert done.exit_code == 0
    assert done.stdout == (GOLDEN / "plain.yaml").read_text()


def test_it_reads_standard_input() -> None:
    assert render("-", stdin=PLAIN).stdout == (GOLDEN / "plain.yaml").read_text()


def test_several_files_come_in_their_order(tmp_path: Path) -> None:
    both = render(MANIFESTS / "unfused.yaml", MANIFESTS / "plain.yaml")
    assert both.stdout == "".join((GOLDEN / f"{name}.yaml").read_text() for name in ("unfused", "plain"))


def test_the_namespace_is_for_deployments_that_name_none(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(PLAIN.replace(", namespace: models", ""))
    (tmp_path / "b.yaml").write_text(PLAIN.replace("name: plain", "name: other"))
    done = render(tmp_path, "--namespace", "prod")
    spaces = {(one["metadata"]["name"], one["metadata"]["namespace"]) for one in yaml.safe_load_all(done.stdout)}
    assert ("plain-default", "prod") in spaces
    assert ("other-default", "models") in spaces
    # Where others reach a unit has the namespace in it, and so have the engine's flags.
    assert {space for _, space in spaces} == {"prod", "models"}


def test_settings_come_from_a_file(tmp_path: Path) -> None:
    settings = tmp_path / "cluster.yaml"
    settings.write_text("image: registry.example/infergraph:2\nfuse: false\n")
    done = render(MANIFESTS / "plain.yaml", "--settings", settings)
    assert "image: registry.example/infergraph:2" in done.stdout
    assert "name: plain-default-classifier" in done.stdout


def test_a_server_of_the_settings_is_one_that_a_manifest_may_name(tmp_path: Path) -> None:
    settings = tmp_path / "cluster.yaml"
    settings.write_text("servers: {TREES_SERVER: {protocols: {seldon: {image: example/trees}}}}")
    assert render(MANIFESTS / "custom_server.yaml").exit_code == 1
    assert render(MANIFESTS / "custom_server.yaml", "--settings", settings).exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("istoi: {}", "istoi"),
        ("a: [", "cluster.yaml"),
        (None, "No such file or directory"),
    ],
)
def test_settings_that_are_none_are_one_sentence(tmp_path: Path, text: str | None, said: str) -> None:
    settings = tmp_path / "cluster.yaml"
    if text is not None:
        settings.write_text(text)
    done = render(MANIFESTS / "plain.yaml", "--settings", settings)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"infergraph: --settings {settings}: ")
    assert said in done.stderr


def test_a_problem_of_one_deployment_prints_nothing_of_the_others(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(PLAIN.replace("gs://models/iris", "./iris"))
    done = render(MANIFESTS / "unfused.yaml", bad)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert f"{bad}: SeldonDeployment plain: predictor default: unit classifier: modelUri ./iris" in done.stderr


def test_a_bad_manifest_is_said_as_validate_says_it(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(PLAIN.replace("predictors", "predictor"))
    done = render(bad)
    assert done.exit_code == 1
    assert 'unknown field "predictor"' in done.stderr


def test_what_is_not_made_is_said(tmp_path: Path) -> None:
    explained = tmp_path / "explained.yaml"
    explained.write_text(PLAIN.replace("  - name: default", "  - name: default\n    explainer: {type: AnchorTabular}"))
    done = render(explained)
    assert done.exit_code == 0
    assert "the explainer of predictor default is not run" in done.stderr
    assert "explainer" not in done.stdout
