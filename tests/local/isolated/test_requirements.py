"""Environments are told apart by what they hold."""

from pathlib import Path

import pytest

from infergraph.errors import LoadError
from infergraph.local.isolated.requirements import key_of


def key(folder: Path, text: str, own: str = "own") -> str:
    folder.mkdir(exist_ok=True)
    (folder / "requirements.txt").write_text(text)
    return key_of(folder / "requirements.txt", own)


def test_equal_requirements_share_an_environment(tmp_path: Path) -> None:
    assert key(tmp_path / "a", "numpy\n") == key(tmp_path / "b", "numpy\n")


@pytest.mark.parametrize("text", ["./mine.whl", "-e .", "shop @ file:///mine.whl", "mine-1.0.tar.gz  "])
def test_what_names_files_beside_it_is_of_its_folder(tmp_path: Path, text: str) -> None:
    assert key(tmp_path / "a", text) != key(tmp_path / "b", text)
    assert key(tmp_path / "a", text) == key(tmp_path / "a", text)


def test_another_infergraph_is_another_environment(tmp_path: Path) -> None:
    assert key(tmp_path, "numpy") != key(tmp_path, "numpy", "newer")


def test_files_that_are_included_count(tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("scipy\n-r requirements.txt\n")
    before = key(tmp_path, "-r more.txt\nnumpy\n")
    (tmp_path / "more.txt").write_text("scipy==1.0\n")
    assert key(tmp_path, "-r more.txt\nnumpy\n") != before
    with pytest.raises(LoadError, match=r"gone\.txt cannot be read"):
        key(tmp_path, "--constraint=gone.txt\n")
