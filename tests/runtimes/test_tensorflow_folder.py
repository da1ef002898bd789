from pathlib import Path

import pytest

from infergraph.errors import ArtifactError, LoadError
from infergraph.runtimes.tensorflow_folder import check_whole, find_saved_model, why_not_loaded

PB = b"\x08\x01\x12\xfa\x05\n"


def saved(folder: Path) -> Path:
    """A folder with the files of a SavedModel."""
    (folder / "variables").mkdir(parents=True)
    (folder / "variables/variables.index").touch()
    (folder / "saved_model.pb").write_bytes(PB)
    return folder


def test_the_highest_version(tmp_path: Path) -> None:
    for name in ("2", "10", "9"):
        saved(tmp_path / name)
    (tmp_path / "11").mkdir()
    (tmp_path / "latest").mkdir()
    assert find_saved_model(tmp_path) == tmp_path / "10"


def test_the_folder_itself_and_its_file(tmp_path: Path) -> None:
    saved(tmp_path / "m")
    assert find_saved_model(tmp_path / "m") == tmp_path / "m"
    assert find_saved_model(tmp_path / "m/saved_model.pb") == tmp_path / "m"


def test_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "model.keras").touch()
    with pytest.raises(
        ArtifactError, match=r"looked for saved_model\.pb and for <version>/saved_model\.pb, and the fol"
    ):
        find_saved_model(tmp_path)
    with pytest.raises(ArtifactError, match=r"model\.keras is a file, and the folder of a SavedModel was expected"):
        find_saved_model(tmp_path / "model.keras")
    with pytest.raises(ArtifactError, match="looked for"):
        find_saved_model(tmp_path / "absent")


def test_what_can_be_seen_to_be_broken(tmp_path: Path) -> None:
    folder = saved(tmp_path / "1")
    check_whole(folder, "TENSORFLOW_SERVER")
    (folder / "saved_model.pb").write_bytes(b"")
    with pytest.raises(LoadError, match=r"saved_model\.pb is empty"):
        check_whole(folder, "TENSORFLOW_SERVER")
    (folder / "saved_model.pb").write_bytes(PB)
    (folder / "variables/variables.index").unlink()
    with pytest.raises(
        LoadError, match=r"has no variables/variables\.index beside saved_model\.pb: copy the whole folder"
    ):
        check_whole(folder, "TENSORFLOW_SERVER")


def test_why_not_loaded(tmp_path: Path) -> None:
    assert why_not_loaded(tmp_path, OSError("Wire format")).endswith(
        "is cut short or damaged: copy it again (OSError: Wire format)"
    )
    error = FileNotFoundError("Op type not registered 'Odd'")
    assert "needs an operation that is not in TensorFlow itself" in why_not_loaded(tmp_path, error)
