"""The command as a user meets it."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from infergraph import __version__
from infergraph.cli.main import main
from infergraph.servers.limits import Limits


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.output


def test_help_lists_the_commands() -> None:
    code, output = invoke("--help")
    assert code == 0
    assert {"run", "predict", "validate", "draw"} <= set(re.findall(r"^  (\w+) ", output, re.MULTILINE))


def test_version() -> None:
    assert invoke("--version") == (0, f"infergraph, version {__version__}\n")


@pytest.mark.parametrize("command", ["run", "predict", "validate", "draw"])
def test_each_command_has_help_with_an_example(command: str) -> None:
    code, output = invoke(command, "--help")
    assert code == 0
    assert f"infergraph {command} " in output


def test_every_limit_is_an_option_with_its_default() -> None:
    _, output = invoke("run", "--help")
    text = " ".join(output.split())
    for field in Limits.__struct_fields__:
        assert f"--{field.replace('_', '-')}" in text
        assert f"default: {getattr(Limits(), field)}]" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "Missing argument 'FILE...'"),
        (["run", "x.yaml", "--port", "99999"], "99999 is not in the range"),
        (["run", "x.yaml", "--artifact", "gs://x"], "expected URI=PATH, got 'gs://x'"),
        (["run", "x.yaml", "--component", "=a:B"], "expected UNIT=MODULE:CLASS, got '=a:B'"),
        (["run", "x.yaml", "--body-bytes", "many"], "'many' is not a valid integer"),
        (["rnu"], "No such command 'rnu'"),
    ],
)
def test_wrong_use_says_what_is_expected(arguments: list[str], words: str) -> None:
    code, output = invoke(*arguments)
    assert code == 2
    assert words in output


def test_an_artifact_uri_may_hold_equal_signs(tmp_path: Path) -> None:
    from infergraph.cli.run import pairs_of

    assert pairs_of("URI=PATH", ["https://x/y?a=b=/tmp/z"]) == {"https://x/y?a=b": "/tmp/z"}
