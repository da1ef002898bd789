"""What many tests share: a real model, trained once, and environments for packages that do not go with ours."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.conformance.environments import Environment, OutOfReach, make

# How fast examples are made and run is the machine's matter, and not what is tested.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def iris_model() -> Path:
    """The folder with the example's iris model; trained when it is not there."""
    folder = ROOT / "examples/iris/model"
    if not (folder / "model.joblib").exists():
        subprocess.run([sys.executable, ROOT / "examples/iris/train.py"], check=True, capture_output=True)
    return folder


@pytest.fixture
def fresh_process(tmp_path: Path) -> Iterator[None]:
    """Modules of a test's own folder, its import path and its environment variables are forgotten after it."""
    path, environment = list(sys.path), dict(os.environ)
    yield
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]
    sys.path[:] = path
    os.environ.clear()
    os.environ.update(environment)


@pytest.fixture(scope="session")
def made(pytestconfig: pytest.Config) -> Callable[[Environment], Environment]:
    """Makes an environment and says so on the terminal; skips only when the package index does not answer."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    terminal = pytestconfig.pluginmanager.getplugin("terminalreporter")

    def say(text: str) -> None:
        with capture.global_and_fixture_disabled():
            terminal.ensure_newline()
            terminal.write_line(text)

    def made(environment: Environment) -> Environment:
        try:
            make(environment, say)
        except OutOfReach as error:
            pytest.skip(f"the package index is out of reach: {str(error)[-300:]}")
        return environment

    return made
