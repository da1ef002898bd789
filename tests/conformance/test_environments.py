"""Environments are made once, whoever wants them, and whole."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.environments import READY, Environment, OutOfReach, make
from tests.serving import ROOT

NOWHERE = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_RETRIES": "0",
    "UV_INDEX_URL": "http://127.0.0.1:9/simple",
}
WANT = """
import sys
from pathlib import Path
from tests.conformance.environments import Environment, make
make(Environment("bare", (), parent=Path(sys.argv[1])), print)
"""
pytestmark = pytest.mark.timeout(300)


def test_half_of_one_is_made_again_and_the_whole_kept(tmp_path: Path) -> None:
    said: list[str] = []
    environment = Environment("bare", (), parent=tmp_path)
    environment.folder.mkdir()
    (environment.folder / "bin").write_text("no folder")
    for _ in range(2):
        make(environment, said.append)
    assert [text.split()[0] for text in said] == ["Making", "Made"]
    assert environment.run("python", "-c", "import sys; print(sys.prefix)").strip() == str(environment.folder)


def test_it_is_made_once_by_processes_that_want_it_at_the_same_time(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WANT, str(tmp_path)]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(text.count("Made it") for text in said) == [0, 1]


def test_what_it_holds_names_it() -> None:
    held = [Environment("e", ("a==1",)), Environment("e", ("a==2",)), Environment("e", ("a==1",), alone=("b==1",))]
    assert len({environment.folder for environment in held}) == 3
    assert held[0].folder == Environment("e", ("a==1",)).folder


def test_an_index_that_does_not_answer_is_told_from_a_package_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(OutOfReach, match="ended with"):
        make(Environment("no-index", ("iniconfig",), parent=tmp_path), print)


def test_a_package_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    impossible = Environment("impossible", ("iniconfig==0.0.0.dev987654321",), parent=tmp_path)
    with pytest.raises((RuntimeError, OutOfReach)) as raised:
        make(impossible, print)
    if raised.type is OutOfReach:
        pytest.skip(f"the package index is out of reach: {str(raised.value)[-300:]}")
    assert not (impossible.folder / READY).exists()


def test_a_python_that_is_too_new_is_said(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"up to python2\.1 only, and this is Python 3\."):
        make(Environment("old", ("antique==1",), newest=(2, 1), parent=tmp_path), print)
