"""What counts as a change."""

from pathlib import Path

import pytest

from infergraph.declaration import inspect_text, read_manifests
from infergraph.local.plan import Plan
from infergraph.local.watch import Watched
from tests.serving import ROOT

IRIS = (ROOT / "examples/iris/iris.yaml").read_text()


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    (tmp_path / "here").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/model.joblib").touch()
    manifest = tmp_path / "here/iris.yaml"
    manifest.write_text(IRIS.replace("./model", "gs://bucket/iris"))
    return Plan(read_manifests([manifest]), artifacts={"gs://bucket/iris": tmp_path / "elsewhere"})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("here/iris.yaml", True),
        ("here/other.yaml", False),
        ("here/model.py", True),
        ("here/package/part.py", True),
        ("here/package/requirements.txt", True),
        ("here/notes.txt", False),
        ("elsewhere/model.joblib", True),
        ("elsewhere", True),
        ("else/model.py", False),
    ],
)
def test_manifests_code_and_artifacts(path: str, expected: bool, plan: Plan, tmp_path: Path) -> None:
    assert Watched(plan).has(tmp_path / path) is expected


def test_the_folders_to_look_at(plan: Plan, tmp_path: Path) -> None:
    assert Watched(plan).folders == [tmp_path / "elsewhere", tmp_path / "here"]


def test_standard_input_and_missing_artifacts_have_no_folder() -> None:
    assert Watched(Plan(inspect_text(IRIS).manifests)).folders == []
