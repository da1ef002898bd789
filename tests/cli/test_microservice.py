"""What `infergraph microservice` reads before anything starts."""

import click
import pytest
from click.testing import CliRunner

from infergraph.cli.launch import grpc_port_of
from infergraph.cli.main import main
from infergraph.cli.microservice_options import default_host, is_true, microservice_options
from infergraph.errors import SetupError


def test_help_names_flags_with_their_variables() -> None:
    text = CliRunner().invoke(main, ["microservice", "--help"]).stdout
    for word in ("PREDICTIVE_UNIT_HTTP_SERVICE_PORT", "--grpc-workers", "--body-bytes", "GUNICORN_THREADS"):
        assert word in text


@pytest.mark.parametrize(
    ("text", "meaning"), [("1", True), ("TRUE", True), (" yes ", True), ("0", False), ("x", False)]
)
def test_switches(text: str, meaning: bool) -> None:
    assert is_true(text) is meaning


@pytest.mark.parametrize("level", ["debug", "Debug", "DEBUG"])
def test_levels_of_the_log_may_be_written_in_small_letters(level: str) -> None:
    @click.command()
    @microservice_options
    def command(**options: object) -> None:
        click.echo(options["log_level"])

    assert CliRunner().invoke(command, ["--log-level", level]).stdout == "DEBUG\n"


def test_in_a_pod_every_address_is_listened_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert default_host() == "0.0.0.0"


def test_a_protobuf_that_is_too_old_turns_grpc_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert grpc_port_of(5000, is_needed=True) == 5000
    monkeypatch.setattr("importlib.metadata.version", lambda _: "3.20.3")
    assert grpc_port_of(5000, is_needed=False) is None
    with pytest.raises(
        SetupError, match=r"--grpc-port 5000: gRPC needs protobuf 4 or later, and 3\.20\.3 is installed"
    ):
        grpc_port_of(5000, is_needed=True)
