import hashlib
import subprocess
from pathlib import Path

import pytest

from infergraph.artifacts.digest import check_digest, combined, digest
from infergraph.errors import ArtifactError

X = hashlib.sha256(b"x").hexdigest()


def test_several_files_are_what_sha256sum_says(tmp_path: Path) -> None:
    found = {}
    for name in ("b", "a", "sub/c"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
        found[name] = hashlib.sha256(name.encode()).hexdigest()
    command = "sha256sum a b sub/c | sha256sum"
    told = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert combined(found) == digest(tmp_path) == told.split()[0]


def test_a_single_file_is_itself(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"x")
    assert digest(tmp_path) == digest(tmp_path / "model") == X
    assert combined({"model": X}) == X
    check_digest(X, f"sha256:{X.upper()}", "x")


def test_another() -> None:
    with pytest.raises(ArtifactError, match="x: its SHA-256 is"):
        check_digest(X, "f" * 64, "x")
