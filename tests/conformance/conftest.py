"""Environments for official clients, made when a test first wants one."""

from collections.abc import Callable

import pytest

from tests.conformance.environments import Environment, OutOfReach, make


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
