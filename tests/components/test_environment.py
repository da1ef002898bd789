"""Environment variables of a container, for code without one."""

import os

import pytest
import structlog

from infergraph.components import environment
from infergraph.components.environment import environment_of, set_environment
from infergraph.declaration import EnvVar

pytestmark = pytest.mark.usefixtures("fresh_process")


@pytest.fixture(autouse=True)
def _nothing_set_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_set_by", {})


def test_variables_are_set_and_who_starts_the_process_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIVEN", "outside")
    with structlog.testing.capture_logs() as logs:
        set_environment([EnvVar(name="NEW_ONE", value="a"), EnvVar(name="GIVEN", value="b")], "u")
    assert (os.environ["NEW_ONE"], os.environ["GIVEN"]) == ("a", "outside")
    assert logs == []


def test_two_units_cannot_have_two_values() -> None:
    with structlog.testing.capture_logs() as logs:
        for unit, value in (("a", "1"), ("b", "1"), ("c", "2")):
            set_environment([EnvVar(name="SHARED_ONE", value=value)], unit)
    assert os.environ["SHARED_ONE"] == "1"
    assert [(log["unit"], log["why"]) for log in logs] == [("c", "has another value already, for unit a")]


def test_a_secret_is_not_here_unless_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIVEN_SECRET", "s")
    secret = {"secretKeyRef": {"name": "n", "key": "k"}}
    with structlog.testing.capture_logs() as logs:
        for name in ("GIVEN_SECRET", "ABSENT_SECRET"):
            set_environment([EnvVar(name=name, value_from=secret)], "u")
    assert [log["variable"] for log in logs] == ["ABSENT_SECRET"]
    assert "ABSENT_SECRET" not in os.environ


def test_those_for_another_process_leave_this_one_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIVEN", "mine")
    secret = {"secretKeyRef": {"name": "s", "key": "k"}}
    given = [EnvVar(name="GIVEN", value="b"), EnvVar(name="OWN", value="c"), EnvVar(name="HIDDEN", value_from=secret)]
    with structlog.testing.capture_logs() as logged:
        assert environment_of(given, "u") == {"OWN": "c"}
    assert "OWN" not in os.environ
    assert [event["variable"] for event in logged] == ["HIDDEN"]
