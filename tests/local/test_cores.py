"""How many cores there are for us, and what BLAS is told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infergraph.declaration import Manifest, inspect_text
from infergraph.local.cores import THREAD_VARIABLES, count_cores, set_threads, thread_settings
from tests.local.worker_components import manifest
from tests.serving import running

CORES = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("text", "cores"),
    [("max 100000", CORES), ("100000 100000", 1), ("10000 100000", 1), ("99900000 100000", CORES), ("", CORES)],
)
def test_cores_by_affinity_and_quota(text: str, cores: int, tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text(text)
    assert count_cores(tmp_path) == cores


@pytest.mark.parametrize(("quota", "cores"), [("150000", 1), ("-1", CORES)])
def test_cores_by_the_older_kind_of_cgroup(quota: str, cores: int, tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu/cpu.cfs_quota_us").write_text(f"{quota}\n")
    (tmp_path / "cpu/cpu.cfs_period_us").write_text("100000\n")
    assert count_cores(tmp_path) == cores


def manifests(value: str | None = None) -> tuple[Manifest, ...]:
    env = "" if value is None else f", env: [{{name: OMP_NUM_THREADS, value: '{value}'}}]"
    text = f"""
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {{name: a}}
spec:
  predictors:
    - name: p
      componentSpecs: [{{spec: {{containers: [{{name: m, image: 'i:1'{env}}}]}}}}]
      graph: {{name: m}}
"""
    reading = inspect_text(text)
    assert reading.problems == ()
    return reading.manifests


@pytest.mark.parametrize(("workers", "cores", "share"), [(1, 8, "8"), (2, 8, "4"), (3, 8, "2"), (8, 2, "1")])
def test_workers_share_the_cores(workers: int, cores: int, share: str) -> None:
    assert thread_settings(workers, cores, manifests()) == dict.fromkeys(THREAD_VARIABLES, share)


def test_the_manifest_goes_before_the_share() -> None:
    settings = thread_settings(1, 8, manifests("3"))
    assert (settings["OMP_NUM_THREADS"], settings["MKL_NUM_THREADS"]) == ("3", "8")


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    set_threads(thread_settings(1, 8, manifests()))
    assert (os.environ["OMP_NUM_THREADS"], os.environ["MKL_NUM_THREADS"]) == ("5", "8")


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_a_model_sees_them(options: tuple[str, ...], tmp_path: Path) -> None:
    share = str(max(1, count_cores() // (2 if options else 1)))
    with running(manifest(tmp_path, "Threads"), *options, env={"MKL_NUM_THREADS": "7"}) as process:
        (answer,) = process.predict().json["data"]["ndarray"]
    assert answer == [os.environ.get("OMP_NUM_THREADS", share), "7"]


def test_the_command_and_the_supervisor_import_no_numpy() -> None:
    script = "import sys, infergraph.cli.main, infergraph.local.supervisor; sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
