"""Environments of components: made once from their requirements, with uv or pip, or told why they cannot be."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from infergraph.artifacts.lock import Lock
from infergraph.local.isolated.environment import READY, UNUSED_S, _remove_unused
from tests.conformance.environments import _installer, _is_index_there
from tests.local.isolated.test_isolation import manifest, unit
from tests.serving import failing, running

OLD = "1.1.1"  # of iniconfig, which is here in a newer version, as pytest needs it
COMPONENT = """
import sys
import iniconfig
from importlib.metadata import version


class Model:
    def predict(self, X, names):
        return [[version("iniconfig"), sys.prefix, version("infergraph")]]
"""
WITH_UV = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
WITHOUT_UV = os.defpath


@pytest.fixture(scope="module", autouse=True)
def _index() -> None:
    if not _is_index_there(_installer(Path(sys.executable), None), None):
        pytest.skip("the package index is out of reach")


def arguments(folder: Path, requirements: str) -> list[str | Path]:
    """A manifest whose model is in a folder of its own, which says what it needs."""
    own = folder / "model"
    own.mkdir(exist_ok=True)
    (own / "shop_model.py").write_text(COMPONENT)
    (own / "requirements.txt").write_text(requirements)
    path = manifest(folder, unit("mean", "MODEL"))
    return [path, "--component", "mean=model/shop_model:Model", "--isolate", "mean"]


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("path", "installer"), [(WITH_UV, "uv"), (WITHOUT_UV, "pip")])
def test_a_component_gets_the_packages_that_it_asks_for(tmp_path: Path, path: str, installer: str) -> None:
    variables: Mapping[str, str] = {"PATH": path, "INFERGRAPH_CACHE_DIR": str(tmp_path / "cache")}
    flags = arguments(tmp_path, f"infergraph\niniconfig=={OLD}\n")
    for run in ("first", "second"):
        with running(*flags, env=variables, is_ready=False) as process:
            if run == "first":
                assert process.wait_for("environment_making")["installer"] == installer
                process.wait_for("environment_made")
            process.wait_for("ready")
            ((version, prefix, own),) = process.predict().json["data"]["ndarray"]
            assert (version, own) == (OLD, "0.1.0")
            assert Path(prefix).parent == tmp_path / "cache/environments"
            assert process.stop() == 0
            made = [event for event in process.events if event["event"] == "environment_made"]
            assert len(made) == (1 if run == "first" else 0)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("path", [WITH_UV, WITHOUT_UV])
def test_requirements_that_cannot_be_had_end_the_start(tmp_path: Path, path: str) -> None:
    flags = arguments(tmp_path, "./not-there.whl\n")
    variables = {"PATH": path, "INFERGRAPH_CACHE_DIR": str(tmp_path / "cache")}
    code, errors = failing(*flags, "--port", "0", env=variables)
    requirements = tmp_path / "model/requirements.txt"
    assert code == 1
    assert f"infergraph: unit `mean`: cannot install {requirements}, which ended with exit code " in errors
    assert "not-there.whl" in errors.splitlines()[-2]  # the installer's own last words
    assert errors.splitlines()[-1].startswith(f"  Mend {requirements}; or take it away")


@pytest.mark.timeout(120)
def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    variables = {"INFERGRAPH_CACHE_DIR": str(tmp_path / "file")}
    code, errors = failing(*arguments(tmp_path, "numpy\n"), "--port", "0", env=variables)
    assert (code, "INFERGRAPH_CACHE_DIR names another folder" in errors) == (1, True), errors


def test_what_nobody_has_used_for_a_month_goes(tmp_path: Path) -> None:
    for name in ("kept", "old", "used", "young"):
        ready = tmp_path / name / READY
        ready.parent.mkdir()
        ready.touch()
        if name != "young":
            os.utime(ready, (0, ready.stat().st_mtime - UNUSED_S - 60))
    using = Lock(tmp_path / "used.lock", is_shared=True)
    _remove_unused(tmp_path / "kept")
    assert sorted(path.parent.name for path in tmp_path.glob(f"*/{READY}")) == ["kept", "used", "young"]
    using.close()
