"""``infergraph draw``."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from infergraph.cli.draw import draw

IRIS = """\
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: NAME}
spec:
  predictors:
    - name: default
      graph: {name: classifier, implementation: SKLEARN_SERVER, modelUri: ./model}
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "iris.yaml"
    path.write_text(IRIS.replace("NAME", "iris"))
    return path


@pytest.fixture
def several(tmp_path: Path) -> Path:
    path = tmp_path / "several.yaml"
    path.write_text("---\n".join(IRIS.replace("NAME", name) for name in ("iris", "lily")))
    return path


def run(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(draw, [str(argument) for argument in arguments], input=text)


def title(svg: str) -> str:
    return ET.fromstring(svg).findtext("{http://www.w3.org/2000/svg}title", "")


def test_it_prints_the_picture(manifest: Path) -> None:
    result = run(manifest)
    assert result.exit_code == 0
    assert title(result.stdout) == "The inference graph of default/iris"


def test_it_reads_standard_input() -> None:
    assert title(run("-", text=IRIS.replace("NAME", "rose")).stdout).endswith("/rose")


def test_it_writes_a_file(manifest: Path, tmp_path: Path) -> None:
    result = run(manifest, "-o", tmp_path / "iris.svg")
    assert (result.exit_code, result.output) == (0, "")
    assert title((tmp_path / "iris.svg").read_text(encoding="utf-8")).endswith("/iris")


@pytest.mark.parametrize("name", ["lily", "default/lily"])
def test_it_draws_the_deployment_that_is_named(several: Path, name: str) -> None:
    assert title(run(several, "--name", name).stdout).endswith("/lily")


@pytest.mark.parametrize(
    ("options", "expected"), [([], "one deployment, there are"), (["--name", "rose"], "called rose, there are")]
)
def test_it_asks_which_deployment_is_meant(several: Path, options: list[str], expected: str) -> None:
    result = run(several, *options)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"expected one deployment{' ' if options else ''}" in result.stderr
    assert expected in result.stderr
    assert "default/iris, default/lily" in result.stderr


def test_a_bad_manifest_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(IRIS.replace("modelUri", "modelUrl"))
    result = run(path, "-o", tmp_path / "bad.svg")
    assert result.exit_code == 1
    assert f"{path}:7" in result.stderr
    assert "modelUri" in result.stderr
    assert not (tmp_path / "bad.svg").exists()


def test_a_missing_manifest_is_one_message(tmp_path: Path) -> None:
    result = run(tmp_path / "none.yaml")
    assert result.exit_code == 1
    assert "none.yaml" in result.stderr
    assert "Traceback" not in result.output


def test_a_file_that_cannot_be_written_is_one_message(manifest: Path, tmp_path: Path) -> None:
    result = run(manifest, "-o", tmp_path / "no" / "such" / "folder.svg")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
