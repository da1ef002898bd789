"""Our Dockerfiles, read as they are."""

import itertools
import re
import shlex
from pathlib import Path

import pytest

from tests.containers.conftest import COMPONENT, SERVER
from tests.containers.dockerfile import expand, flags, stages
from tests.serving import ROOT


def test_stages_have_their_bases_names_and_instructions(tmp_path: Path) -> None:
    text = 'ARG V=1\nFROM python:${V} AS a\n# why\nRUN --mount=type=cache,target=/c x \\\n  && y\nFROM a\nCMD ["z"]\n'
    (tmp_path / "Dockerfile").write_text(text)
    first, second = stages(tmp_path / "Dockerfile", {"V": "2"})
    assert (first.base, first.name, second.base, second.name) == ("python:2", "a", "a", "")
    ((word, value),) = first.instructions
    assert flags(value)[0] == {"mount": "type=cache,target=/c"}
    assert (word, flags(value)[1].split()) == ("RUN", ["x", "&&", "y"])
    assert second.instructions == [("CMD", '["z"]')]


def test_an_instruction_that_is_not_interpreted_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\nADD http://127.0.0.1/x /\n")
    with pytest.raises(ValueError, match="ADD is not interpreted"):
        stages(tmp_path / "Dockerfile", {})


def test_variables_are_replaced() -> None:
    assert expand("$A/${A}/$B.", {"A": "x"}) == "x/x/."


@pytest.mark.parametrize("path", [SERVER, COMPONENT], ids=["server", "component"])
def test_ours_are_of_several_stages_and_end_as_a_user_without_rights(path: Path) -> None:
    last = stages(path, {})[-1]
    words = [word for word, _ in last.instructions]
    assert last.base == "python:3.12-slim"
    assert len(stages(path, {})) > 1
    assert ("USER", "8888") in last.instructions
    assert "RUN" not in words  # what builds stays in the stage that builds
    assert "==" not in path.read_text()  # versions are the package's matter: lower bounds only


def test_the_documented_commands_name_our_files_and_their_arguments() -> None:
    blocks = re.findall(r"^```console\n(.*?)^```$", (ROOT / "docs/containers.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    builds = [shlex.split(line) for line in lines if line.startswith("docker build")]
    assert len(builds) >= 2
    for words in builds:
        text = (ROOT / words[words.index("-f") + 1]).read_text()
        given = [after for word, after in itertools.pairwise(words) if word == "--build-arg"]
        for name in (argument.partition("=")[0] for argument in given):
            assert re.search(rf"^ARG {name}\b", text, re.MULTILINE)
