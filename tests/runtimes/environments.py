"""Environments for tests of runtimes whose packages are heavy: InferGraph from this checkout, and what they need."""

import os
import subprocess
import tomllib
from pathlib import Path

from tests.conformance.environments import Environment
from tests.serving import ROOT

INSIDE = "INFERGRAPH_TESTS_APART"
"""The variable that says which of them a test runs in."""

TESTS = Path(__file__).parent / "apart"
RUN_S = 280
_TOOLS = ("pytest", "pytest-timeout", "hypothesis", "scikit-learn", "skops")


def environment(folder: str, extras: tuple[str, ...]) -> Environment:
    """The environment for the tests in a folder of ``apart``: what our own package and its extras ask for, and it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"]]
    for name in ("grpc", *extras):
        needed += project["optional-dependencies"][name]
    return Environment(f"runtime-{folder}", (*_TOOLS, *needed, "-e", str(ROOT)))


ENVIRONMENTS = {"tables": ("catboost", "mlflow")}
"""By folder of ``apart``: the extras whose runtimes are tested there."""


def run_tests(made: Environment, folder: str) -> subprocess.CompletedProcess[str]:
    """The tests of a folder of ``apart``, run inside an environment."""
    return subprocess.run(
        # These packages warn of each other at every turn, which is not ours to mend.
        [made.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", TESTS / folder],
        cwd=ROOT,
        env={**os.environ, INSIDE: folder},
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
