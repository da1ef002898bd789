import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infergraph.artifacts.cache import Cache
from infergraph.cli.main import main
from tests.artifacts.test_cache import filler


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INFERGRAPH_CACHE_DIR", str(tmp_path))
    for key in ("aa1", "bb2"):
        Cache(tmp_path).obtain(key, filler(key))
    return tmp_path


def cache(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["cache", *arguments])


@pytest.mark.usefixtures("folder")
def test_ls() -> None:
    lines = [json.loads(line) for line in cache("ls").stdout.splitlines()]
    assert {line["artifact"] for line in lines} == {"s3://b/aa1", "s3://b/bb2"}


@pytest.mark.parametrize("name", ["aa", "s3://b/aa1"])
def test_rm(folder: Path, name: str) -> None:
    assert cache("rm", name).exit_code == 0
    assert [entry.key for entry in Cache(folder).entries()] == ["bb2"]


def test_rm_all_but_what_is_in_use(folder: Path) -> None:
    running = Cache(folder)
    running.obtain("aa1", filler("aa1"))
    done = cache("rm", "--all")
    assert done.exit_code == 1
    assert "in use, stays: aa1" in done.stdout
    assert [entry.key for entry in running.entries()] == ["aa1"]


@pytest.mark.usefixtures("folder")
def test_rm_of_what_is_not_there() -> None:
    done = cache("rm", "cc")
    assert done.exit_code == 1
    assert "there is no 'cc'" in done.stderr


@pytest.mark.usefixtures("folder")
def test_rm_wants_a_name() -> None:
    assert cache("rm").exit_code == 2


def test_an_empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFERGRAPH_CACHE_DIR", str(tmp_path / "none"))
    assert cache("ls").stdout == ""
