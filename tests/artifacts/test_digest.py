import subprocess
from pathlib import Path

import pytest

from infergraph.artifacts.digest import check_digest, digest
from infergraph.errors import ArtifactError


def test_a_folder_is_what_sha256sum_says(tmp_path: Path) -> None:
    for name in ("b", "a", "sub/c"):
        (tmp_path / "m" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "m" / name).write_text(name)
    command = "sha256sum a b sub/c | sha256sum"
    told = subprocess.run(command, shell=True, cwd=tmp_path / "m", capture_output=True, text=True, check=True).stdout
    assert digest(tmp_path / "m") == told.split()[0]


def test_a_single_file_is_itself(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("x")
    assert digest(tmp_path) == digest(tmp_path / "model")
    check_digest(digest(tmp_path), f"SHA256:{digest(tmp_path).upper()}".replace("SHA256", "sha256"), "x")


def test_another(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("x")
    with pytest.raises(ArtifactError, match="x: its SHA-256 is"):
        check_digest(digest(tmp_path), "f" * 64, "x")
