"""Environments for tests of runtimes whose packages are heavy: InferGraph from this checkout, and what they need."""

import os
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

from tests.conformance.environments import Environment
from tests.serving import ROOT

INSIDE = "INFERGRAPH_TESTS_APART"
"""The variable that says which of them a test runs in."""

TESTS = Path(__file__).parent / "apart"
RUN_S = 600
TORCH = "torch==2.13.0+cpu"
_TOOLS = ("pytest", "pytest-timeout", "hypothesis", "scikit-learn", "skops")


@cache
def is_offered(requirement: str) -> bool:
    """Whether the package index has what is required."""
    asked = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--dry-run",
        "--no-deps",
        "--ignore-installed",
        requirement,
    ]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def lightest(requirement: str) -> str:
    """A build of torch without CUDA where the index has one, and else the requirement as it is."""
    return TORCH if requirement.startswith("torch") and is_offered(TORCH) else requirement


def environment(folder: str, extras: tuple[str, ...]) -> Environment:
    """The environment for the tests in a folder of ``apart``: what our own package and its extras ask for, and it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"]]
    for name in ("grpc", *extras):
        needed += project["optional-dependencies"][name]
    return Environment(f"runtime-{folder}", (*_TOOLS, *map(lightest, needed), "-e", str(ROOT)))


ENVIRONMENTS = {"tables": ("catboost", "mlflow"), "tensorflow": ("tensorflow",), "torch": ("torch", "huggingface")}
"""By folder of ``apart``: the extras whose runtimes are tested there."""


def run_tests(made: Environment, folder: str) -> subprocess.CompletedProcess[str]:
    """The tests of a folder of ``apart``, run inside an environment."""
    return subprocess.run(
        # These packages warn of each other at every turn, which is not ours to mend.
        [
            made.python,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-W",
            "ignore",
            "-o",
            f"timeout={RUN_S}",
            TESTS / folder,
        ],
        cwd=ROOT,
        env={**os.environ, INSIDE: folder},
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
