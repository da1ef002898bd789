"""The runtimes whose packages are heavy, each tested where its package is (see `tests/runtimes/apart`)."""

from collections.abc import Callable

import pytest

from tests.conformance.environments import Environment
from tests.runtimes.environments import ENVIRONMENTS, TESTS, environment, run_tests


@pytest.mark.timeout(900)
@pytest.mark.parametrize("folder", sorted(ENVIRONMENTS))
def test_in_an_environment_of_its_own(folder: str, made: Callable[[Environment], Environment]) -> None:
    done = run_tests(made(environment(folder, ENVIRONMENTS[folder])), folder)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert " passed" in done.stdout
    assert " skipped" not in done.stdout


def test_every_folder_is_run() -> None:
    assert {path.name for path in TESTS.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(ENVIRONMENTS)
