"""Flags in Go's way."""

from typing import Any

import click
import pytest
from click.testing import CliRunner

from infergraph.cli.go_flags import Duration, GoCommand


def read(*arguments: str) -> Any:
    """What a command reads, or how it ends."""
    found: dict[str, Any] = {}

    @click.command(cls=GoCommand)
    @click.option("--http_port", type=int)
    @click.option("--body-bytes", type=int)
    @click.option("--delay", type=Duration())
    @click.option("--full_checks", is_flag=True)
    def command(**options: Any) -> None:
        found.update(options)

    done = CliRunner().invoke(command, list(arguments))
    return {name: value for name, value in found.items() if value is not None} if not done.exit_code else done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("--http_port", "80"),
        ("-http_port", "80"),
        ("--http_port=80",),
        ("-http_port=80",),
        ("--http-port", "80"),
    ],
)
def test_a_flag_has_one_dash_or_two_and_a_value_beside_or_behind(arguments: tuple[str, ...]) -> None:
    assert read(*arguments) == {"http_port": 80, "full_checks": False}


def test_a_flag_of_ours_may_have_underscores() -> None:
    assert read("--body_bytes", "7") == {"body_bytes": 7, "full_checks": False}


@pytest.mark.parametrize(
    ("arguments", "is_on"),
    [
        (("--full_checks",), True),
        (("-full_checks",), True),
        (("--full_checks=true",), True),
        (("--full_checks=1",), True),
        (("--full_checks=false",), False),
        (("-full_checks=F",), False),
        (("--full_checks", "--http_port", "80"), True),
    ],
)
def test_a_boolean_takes_no_argument(arguments: tuple[str, ...], is_on: bool) -> None:
    assert read(*arguments)["full_checks"] is is_on


def test_a_value_may_look_like_a_flag() -> None:
    assert "'-x' is not a valid integer" in read("--http_port", "-x")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--full_checks=maybe",), "expected true or false, got 'maybe'"),
        (("--htp_port", "80"), "No such option"),
        (("--http_port",), "requires an argument"),
        (("--delay", "15"), "expected a duration such as 15s, 500ms or 1m30s, got '15'"),
        (("--delay", "s15"), "expected a duration"),
        (("--delay", "1s x"), "expected a duration"),
    ],
)
def test_a_mistake_is_told(arguments: tuple[str, ...], told: str) -> None:
    assert told in read(*arguments)


@pytest.mark.parametrize("help_", ["-h", "--help", "-help"])
def test_help_is_there_in_every_way(help_: str) -> None:
    done = CliRunner().invoke(GoCommand("c", params=[click.Option(["--delay"])]), [help_])
    assert "--delay" in done.output


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15s", 15.0), ("0", 0.0), ("500ms", 0.5), ("1m30s", 90.0), ("1.5h", 5400.0), (".5s", 0.5), ("2us", 2e-6)],
)
def test_a_duration_is_in_seconds(text: str, seconds: float) -> None:
    assert read("--delay", text)["delay"] == pytest.approx(seconds)
