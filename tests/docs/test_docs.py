"""Every code block of the README and the docs: files that they show run, requests that they show get their answers."""

import itertools
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from click.testing import CliRunner

from infergraph.cli.main import COMMANDS, main
from infergraph.cli.microservice import microservice as microservice_command
from infergraph.servers.limits import Limits
from tests.serving import ROOT, Process, microservice, running

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


class Block(NamedTuple):
    """One fenced block of a page."""

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)]


def requests(page: Path) -> Iterator[tuple[list[str], str]]:
    """Each curl command of a page with the JSON that follows it."""
    found = blocks(page)
    for block, after in itertools.pairwise(found):
        if block.language == "sh" and block.text.startswith("curl") and after.language == "json":
            yield shlex.split(block.text.replace("\\\n", " ")), after.text


def check_requests(page: Path, process: Process, shown_port: int = 8000) -> None:
    asked = list(requests(page))
    assert asked
    for command, answer in asked:
        path = next(word for word in command if word.startswith("http://")).partition(f":{shown_port}")[2]
        got = process.request("POST", path, command[command.index("-d") + 1])
        assert got.json == json.loads(answer)


def test_the_readme_request_gives_the_readme_answer(iris_model: Path) -> None:
    assert iris_model.exists()
    with running(ROOT / "examples/iris/iris.yaml") as process:
        (asked,) = requests(ROOT / "README.md")
        command, answer = asked
        got = process.predict(command[command.index("-d") + 1]).json
        expected = json.loads(answer)
        assert got["data"]["names"] == expected["data"]["names"]
        assert got["data"]["ndarray"][0] == pytest.approx(expected["data"]["ndarray"][0], abs=1e-9)
        assert got["meta"] == expected["meta"]


def test_the_readme_manifest_is_the_example() -> None:
    (shown,) = [block.text for block in blocks(ROOT / "README.md") if block.language == "yaml"]
    assert yaml.safe_load(shown) == yaml.safe_load((ROOT / "examples/iris/iris.yaml").read_text())


def test_the_components_page_runs_as_it_stands(tmp_path: Path) -> None:
    page = ROOT / "docs/components.md"
    for block in blocks(page):
        if named := re.match(r"# (\S+\.(?:py|yaml))\n", block.text):
            (tmp_path / named[1]).write_text(block.text)
    with running(tmp_path / "spam.yaml") as process:
        check_requests(page, process)


def test_the_microservice_page_runs_as_it_stands(tmp_path: Path) -> None:
    page = ROOT / "docs/microservice.md"
    (code,) = [block.text for block in blocks(page) if block.language == "python"]
    (tmp_path / "spam.py").write_text(code)
    command = next(block.text for block in blocks(page) if block.text.startswith("infergraph microservice"))
    with microservice(tmp_path, *shlex.split(command)[2:]) as process:
        check_requests(page, process, shown_port=9000)


def test_the_table_of_a_microservices_settings_is_complete() -> None:
    text = (ROOT / "docs/microservice.md").read_text()
    for option in microservice_command.params:
        if option.name in Limits.__struct_fields__ or not option.opts[0].startswith("--"):
            continue
        assert f"`{option.opts[0]}`" in text
        for variable in [option.envvar] if isinstance(option.envvar, str) else []:
            assert f"`{variable}`" in text


def test_the_client_page_runs_as_it_stands(iris_model: Path) -> None:
    assert iris_model.exists()
    programs = [block.text for block in blocks(ROOT / "docs/client.md") if block.language == "python"]
    with running(ROOT / "examples/iris/iris.yaml") as process:
        for program in programs:
            text = program.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{process.port}")
            done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=50)
            assert "[[0.9548" in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_is_what_it_says(page: Path) -> None:
    for block in blocks(page):
        if block.language == "python":
            compile(block.text, str(page), "exec")
        elif block.language == "json":
            json.loads(block.text)
        elif block.language == "yaml":
            assert yaml.safe_load(block.text)["kind"] == "SeldonDeployment"
        elif block.language == "sh":
            check_shell(block.text)


def check_shell(text: str) -> None:
    """A shell block has requests, targets of the Makefile, and commands of ours."""
    targets = re.findall(r"^(\w[\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for line in text.replace("\\\n", " ").splitlines():
        program, *rest = shlex.split(line, comments=True)
        assert program in {"curl", "make", "infergraph"}
        if program == "make":
            assert rest[0] in targets
        if program == "infergraph":
            assert rest[0] in COMMANDS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link


def test_the_picture_is_the_graph() -> None:
    drawn = CliRunner().invoke(main, ["draw", str(ROOT / "examples/graph/graph.yaml")])
    assert drawn.exit_code == 0
    assert drawn.stdout.strip() == (ROOT / "docs/graph.svg").read_text().strip()


def test_the_table_of_limits_is_complete() -> None:
    text = (ROOT / "docs/running.md").read_text()
    for field in Limits.__struct_fields__:
        flag = field.replace("_", "-")
        row = f"| `--{flag}` | `INFERGRAPH_{field.upper()}` | `infergraph.io/{flag}` | {getattr(Limits(), field)} |"
        assert row in text
