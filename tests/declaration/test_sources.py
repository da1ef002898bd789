import codecs
import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from infergraph.declaration.problem import Problem
from infergraph.declaration.sources import Source, read_sources


def only(path: Path) -> Source | Problem:
    (source,) = read_sources([path])
    return source


def complaint(path: Path) -> str:
    source = only(path)
    assert isinstance(source, Problem)
    return str(source)


def test_a_folder_stands_for_its_manifests_in_order(tmp_path: Path) -> None:
    for name in ("b.yml", "a.yaml", "c.json", "notes.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / "d.yaml").mkdir()
    sources = [source for source in read_sources([tmp_path]) if isinstance(source, Source)]
    assert [source.text for source in sources] == ["a.yaml", "b.yml", "c.json"]
    assert not any(source.is_named for source in sources)


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("a")
    assert list(read_sources([file, str(file)])) == [Source(file, "a", is_named=True)]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"a: 1")))
    assert only(Path("-")) == Source(Path("-"), "a: 1", is_named=True)


@pytest.mark.parametrize(
    "data", ["é".encode(), codecs.BOM_UTF8 + "é".encode(), "é".encode("utf-16"), codecs.BOM_UTF16_BE + b"\x00\xe9"]
)
def test_encodings(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(data)
    assert only(file) == Source(file, "é", is_named=True)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    missing, empty, latin = tmp_path / "missing.yaml", tmp_path / "empty", tmp_path / "latin.yaml"
    empty.mkdir()
    latin.write_bytes(b"a: 1\nb: \xe9t\xe9\n")
    assert complaint(missing) == f"{missing}: there is no such file (looked in {Path.cwd()})"
    assert complaint(empty) == f"{empty}: this folder holds no .yaml, .yml or .json file"
    assert complaint(latin) == f"{latin}:2: expected text in UTF-8, got the byte 0xE9"


def test_an_endless_file_ends() -> None:
    assert "larger than 1.5 MiB" in complaint(Path("/dev/zero"))


def test_a_name_that_no_file_can_have() -> None:
    assert "this cannot be read" in complaint(Path("a" * 300))
