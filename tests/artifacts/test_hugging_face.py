"""A hub and the store of its large files, each on a socket of its own; what they say is what the hub's API says."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infergraph.artifacts.fetch import fetch
from infergraph.artifacts.hugging_face import HuggingFace
from infergraph.errors import ArtifactError
from tests.artifacts.fetching import order
from tests.artifacts.http_store import Store, cut, failing, http_store

Patch = pytest.MonkeyPatch

COMMIT = "1f2e3d4c"
WEIGHTS = os.urandom(300_000)
FILES = {"config.json": b"{}", "onnx/model.onnx": b"onnx", ".gitattributes": b"*", "model.safetensors": WEIGHTS}
LARGE = "model.safetensors"
NAMES = ["config.json", LARGE, "onnx/model.onnx"]


@contextmanager
def hub(monkeypatch: Patch, home: Path, model: str = "org/iris", revision: str = "main") -> Iterator[Store]:
    """A hub with one model, whose large file is elsewhere, as at huggingface.co."""
    with http_store() as store, http_store() as elsewhere:
        store.elsewhere = elsewhere  # type: ignore[attr-defined]
        entries = [entry(name, content) for name, content in FILES.items()]
        listing = json.dumps({"id": model, "sha": COMMIT, "siblings": entries, "private": False}).encode()
        store.files[f"/api/models/{model}/revision/{revision}"] = listing
        for name, content in FILES.items():
            store.files[f"/{model}/resolve/{COMMIT}/{name}"] = content
        elsewhere.files["/large"] = WEIGHTS
        store.redirects[f"/{model}/resolve/{COMMIT}/{LARGE}"] = f"{elsewhere.url}/large?signature=1"
        monkeypatch.setenv("HF_ENDPOINT", store.url)
        monkeypatch.setenv("HF_HOME", str(home))
        for variable in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH"):
            monkeypatch.delenv(variable, raising=False)
        yield store


def entry(name: str, content: bytes) -> dict[str, object]:
    found: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": hashlib.sha1(content).hexdigest()}
    if name == LARGE:
        found["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 131}
    return found


def fetched(uri: str, folder: Path) -> dict[str, bytes]:
    fetch(uri, folder, order=order())
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_all_files_of_a_model_come(tmp_path: Path, monkeypatch: Patch) -> None:
    with hub(monkeypatch, tmp_path):
        assert fetched("hf://org/iris", tmp_path / "out") == {name: FILES[name] for name in NAMES}


@pytest.mark.parametrize("uri", ["hf://org/iris@v1.0", "hf://org/iris:v1.0"])
def test_a_revision(uri: str, tmp_path: Path, monkeypatch: Patch) -> None:
    with hub(monkeypatch, tmp_path, revision="v1.0"):
        assert sorted(fetched(uri, tmp_path / "out")) == NAMES


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("onnx", ["model.onnx"]),
        ("onnx/model.onnx", ["model.onnx"]),
        ("config.json", ["config.json"]),
        ("onnx/", ["model.onnx"]),
    ],
)
def test_a_part(part: str, names: list[str], tmp_path: Path, monkeypatch: Patch) -> None:
    with hub(monkeypatch, tmp_path):
        assert sorted(fetched(f"hf://org/iris/{part}", tmp_path / "out")) == names


def test_a_part_that_is_not_there(tmp_path: Path, monkeypatch: Patch) -> None:
    with (
        hub(monkeypatch, tmp_path),
        pytest.raises(ArtifactError, match=r"no onn at main; it holds config.json, "),
    ):
        fetched("hf://org/iris/onn", tmp_path / "out")


def test_a_break_is_gone_on_from_and_the_hub_may_be_busy(tmp_path: Path, monkeypatch: Patch) -> None:
    with hub(monkeypatch, tmp_path) as store:
        store.faults = [failing(503)]
        store.elsewhere.faults = [cut(100_000)]  # type: ignore[attr-defined]
        assert fetched("hf://org/iris", tmp_path / "out")[LARGE] == WEIGHTS
        assert ("/large", "bytes=100000-299999") in store.elsewhere.asked  # type: ignore[attr-defined]


def test_the_token_goes_to_the_hub_and_nowhere_else(tmp_path: Path, monkeypatch: Patch) -> None:
    with hub(monkeypatch, tmp_path) as store:
        store.token = "hf_secret"
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        assert sorted(fetched("hf://org/iris", tmp_path / "out")) == NAMES
        assert set(store.heard) == {"Bearer hf_secret"}
        assert set(store.elsewhere.heard) == {None}  # type: ignore[attr-defined]


def test_the_token_of_who_has_logged_in(tmp_path: Path, monkeypatch: Patch) -> None:
    (tmp_path / "token").write_text("hf_file\n")
    with hub(monkeypatch, tmp_path) as store:
        store.token = "hf_file"
        assert sorted(fetched("hf://org/iris", tmp_path / "out")) == NAMES


def test_a_refusal_says_which_token_was_tried_and_not_the_token(tmp_path: Path, monkeypatch: Patch) -> None:
    with hub(monkeypatch, tmp_path) as store:
        store.token = "hf_other"
        with pytest.raises(ArtifactError, match=r"without a token: no HF_TOKEN, no .*token\): the server answered 401"):
            fetched("hf://org/iris", tmp_path / "out")
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        with pytest.raises(
            ArtifactError, match=r"with the token in HF_TOKEN\).* HF_TOKEN has to be of somebody"
        ) as raised:
            fetched("hf://org/iris", tmp_path / "out")
        assert "hf_secret" not in str(raised.value)


def test_no_such_model(tmp_path: Path, monkeypatch: Patch) -> None:
    with hub(monkeypatch, tmp_path), pytest.raises(ArtifactError, match=r"404.*there is no such model or revision"):
        fetched("hf://org/other", tmp_path / "out")


def test_names_that_lead_elsewhere(tmp_path: Path, monkeypatch: Patch) -> None:
    with hub(monkeypatch, tmp_path) as store:
        path = "/api/models/org/iris/revision/main"
        store.files[path] = json.dumps({"sha": COMMIT, "siblings": [{"rfilename": "../../x"}]}).encode()
        with pytest.raises(ArtifactError, match="climbs out of its folder"):
            fetched("hf://org/iris", tmp_path / "out")


@pytest.mark.parametrize("listing", [b"<html>", b"[]", b"{}", b'{"sha": 1, "siblings": []}'])
def test_what_is_no_list_of_files(listing: bytes, tmp_path: Path, monkeypatch: Patch) -> None:
    with hub(monkeypatch, tmp_path) as store:
        store.files["/api/models/org/iris/revision/main"] = listing
        with pytest.raises(ArtifactError, match="answers what is no list of files"):
            fetched("hf://org/iris", tmp_path / "out")


@pytest.mark.parametrize("uri", ["hf://", "hf://iris", "hf://org/", "hf://a b/c", "hf://hf_token@hub/org/x y"])
def test_what_is_no_model(uri: str) -> None:
    with pytest.raises(ArtifactError, match="expected hf://ORGANISATION/MODEL") as raised:
        HuggingFace(uri, {})
    assert "hf_token" not in str(raised.value)
