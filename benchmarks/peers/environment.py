"""The environments of the peers: each a virtual environment of its own, made once from its file of requirements."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from benchmarks.peers.server import APPS, FOLDER, OURS

REQUIREMENTS = Path(__file__).parent / "requirements"
INSTALL_S = 900


class NoEnvironment(Exception):
    """Raised when an environment cannot be made."""


def folder(name: str) -> Path:
    """Where the programs of an environment are. Ours is the one that this runs in."""
    return Path(sys.executable).parent if name == OURS else FOLDER / name / "bin"


def models(name: str) -> Path:
    """Where the models of an environment are: the same model, saved by the packages that load it."""
    return FOLDER / "models" / name


def make(name: str) -> None:
    """Make an environment and its models, unless they are there as its requirements say.

    :raises NoEnvironment: with the end of what the installer said.
    """
    if name != OURS:
        _install(name)
    if not (models(name) / "model.joblib").exists() and name != "chart":
        _run([str(folder(name) / "python"), str(APPS / "train.py"), str(models(name) / "model.joblib")])
    if name == "mlflow" and not (models(name) / "identity").exists():
        script = [str(APPS / "mlflow_model.py"), str(models(name) / "model.joblib"), str(models(name))]
        _run([str(folder(name) / "python"), *script])


def versions(name: str, packages: Iterable[str]) -> dict[str, str]:
    """The versions of those packages that an environment has."""
    if name == OURS:
        found = {dist.name.lower(): dist.version for dist in metadata.distributions()}
    else:
        paths = map(str, (FOLDER / name).glob("lib/python*/site-packages"))
        found = {dist.name.lower(): dist.version for dist in metadata.distributions(path=list(paths))}
    return {package: found[package] for package in packages if package in found}


def _install(name: str) -> None:
    place, wanted = FOLDER / name, (REQUIREMENTS / f"{name}.txt").read_text()
    ready = place / "ready"
    if ready.exists() and ready.read_text() == wanted:
        return
    print(f"making the environment of {name} ...", flush=True)
    try:
        _install_with_uv(place, name)
    except NoEnvironment:  # none here, or it knows other indexes than pip does
        _install_with_pip(place, name)
    ready.write_text(wanted)


def _install_with_uv(place: Path, name: str) -> None:
    _clear(place, name)
    _run(["uv", "venv", "--quiet", "--python", sys.executable, str(place)])
    _run(["uv", "pip", "install", "--quiet", "--python", str(place / "bin/python"), "-r", _requirements(name)])


def _install_with_pip(place: Path, name: str) -> None:
    _clear(place, name)
    _run([sys.executable, "-m", "venv", str(place)])
    _run([str(place / "bin/python"), "-m", "pip", "install", "--quiet", "-r", _requirements(name)])


def _clear(place: Path, name: str) -> None:
    """Away with an older environment, and with the models that it saved."""
    for old in (place, models(name)):
        shutil.rmtree(old, ignore_errors=True)


def _requirements(name: str) -> str:
    return str(REQUIREMENTS / f"{name}.txt")


def _run(command: Sequence[str]) -> None:
    env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    try:
        subprocess.run(command, env=env, check=True, capture_output=True, text=True, timeout=INSTALL_S)
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or str(error))[-500:]
        raise NoEnvironment(f"{' '.join(command[:4])} ...: {said}") from error
