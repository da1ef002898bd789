"""Each way in which a model file does not load is one sentence."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infergraph.errors import ArtifactError, LoadError
from infergraph.runtimes.catalog import runtime_class
from infergraph.runtimes.file_format import LIGHTGBM, ONNX, PICKLE, SKOPS
from infergraph.runtimes.load_failure import cut_short, not_loaded, wrong_format
from tests.runtimes.models import SAVED

SERVERS = sorted(SAVED)
EXTRAS = {"XGBOOST_SERVER": "xgboost", "LIGHTGBM_SERVER": "lightgbm", "ONNX_SERVER": "onnx"}
PACKAGES = {**EXTRAS, "ONNX_SERVER": "onnxruntime"}


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def without_end(content: bytes) -> bytes:
    return content[: content.rindex(b"end of trees")] if b"end of trees" in content else content[:-20]


def only_the_head(content: bytes) -> bytes:
    return content[:100]


def failure(server: str, path: Path) -> str:
    """What a server says of what lies at a path that it cannot load."""
    with pytest.raises((LoadError, ArtifactError)) as caught:
        runtime_class(server)(model_uri=str(path)).load()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("damage", [half, without_end, only_the_head])
@pytest.mark.parametrize("server", SERVERS)
def test_a_file_that_is_cut_short(server: str, damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    name, save = SAVED[server]
    save(tmp_path / name)
    (tmp_path / name).write_bytes(damage((tmp_path / name).read_bytes()))
    assert failure(server, tmp_path).startswith(f"{name} is cut short or damaged: copy it again (")


@pytest.mark.parametrize("other", SERVERS)
@pytest.mark.parametrize("server", SERVERS)
def test_a_file_of_another_server(server: str, other: str, tmp_path: Path) -> None:
    if server == other:
        return
    name = SAVED[server][0]
    SAVED[other][1](tmp_path / name)
    said = failure(server, tmp_path)
    assert said.startswith(f"{name} is a")
    assert f", and {server} reads a" in said
    assert said.endswith(f"; {other} serves that")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", " is empty (0 bytes), and a"),
        (b"version https://git-lfs.github.com/spec/v1\n", " is a Git LFS pointer and not the model itself, and "),
        (b"<html>Log in</html>", " is a web page and not the model itself, and "),
        (b"\x80\x04K\x01.", " is a pickle, and "),
        (b"hello, world", " is not a"),
        (b'{"a": 1}', " is not a"),
    ],
)
@pytest.mark.parametrize("server", SERVERS)
def test_what_is_no_model(server: str, content: bytes, message: str, tmp_path: Path) -> None:
    name = SAVED[server][0]
    (tmp_path / name).write_bytes(content)
    assert failure(server, tmp_path).startswith(name + message)


@pytest.mark.parametrize("server", SERVERS)
def test_a_package_that_is_missing(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    name, save = SAVED[server]
    save(tmp_path / name)
    monkeypatch.setitem(sys.modules, PACKAGES[server], None)
    needs = f'{server} needs {PACKAGES[server]}: pip install "infergraph[{EXTRAS[server]}]" ('
    assert failure(server, tmp_path).startswith(needs)


@pytest.mark.parametrize("server", SERVERS)
def test_a_folder_without_its_file(server: str, tmp_path: Path) -> None:
    (tmp_path / "other.bin").touch()
    assert f"{SAVED[server][0]}" in (said := failure(server, tmp_path))
    assert said.endswith("and the folder holds other.bin")


def test_the_sentences(tmp_path: Path) -> None:
    file = tmp_path / "model.txt"
    file.write_bytes(b"tree\n")
    assert wrong_format(file, (LIGHTGBM,), "LIGHTGBM_SERVER") is None
    assert (
        wrong_format(file, (PICKLE, SKOPS), "SKLEARN_SERVER") == "model.txt is a LightGBM model, and SKLEARN_SERVER "
        "reads a pickle or a skops file; LIGHTGBM_SERVER serves that"
    )
    assert cut_short(file, "") == "model.txt is cut short or damaged: copy it again"
    file.write_bytes(b"?")
    assert not_loaded(file, (ONNX,), "ONNX_SERVER") == "model.txt is not an ONNX model: it begins with b'?'"
