import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

from infergraph.artifacts.entry import check_readable, listing
from infergraph.errors import ArtifactError

NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """Drop root's right to read everything, which test machines often have."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def fifo(path: Path) -> None:
    os.mkfifo(path)


def dangling(path: Path) -> None:
    path.symlink_to("gone")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (fifo, "is a named pipe, and a file or folder was expected"),
        (dangling, "is a link to gone, and nothing is there"),
        (loop, "is a link to entry, and nothing is there"),
        (Path.mkdir, "is empty, and model files were expected"),
    ],
)
def test_what_cannot_be_a_model(tmp_path: Path, make: Callable[[Path], None], message: str) -> None:
    make(tmp_path / "entry")
    with pytest.raises(ArtifactError, match=f"^modelUri x: .*{message}"):
        check_readable(tmp_path / "entry", "modelUri x")


def test_a_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        with pytest.raises(ArtifactError, match="is a socket"):
            check_readable(tmp_path / "s", "x")


def test_a_device() -> None:
    with pytest.raises(ArtifactError, match="is a device"):
        check_readable(Path("/dev/null"), "x")


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="File name too long"):
        check_readable(tmp_path / ("a" * 300) / "model", "x")


def test_a_file_as_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ArtifactError, match="Not a directory"):
        check_readable(tmp_path / "file" / "model", "x")


def test_an_unreadable_file() -> None:
    with NamedTemporaryFile() as file:  # not in pytest's folder, which others cannot reach
        Path(file.name).chmod(0)
        with as_nobody(), pytest.raises(ArtifactError, match="may not be read by this user; change its permissions"):
            check_readable(Path(file.name), "x")


def test_a_file_in_an_unreachable_folder(tmp_path: Path) -> None:
    (tmp_path / "model").touch()
    tmp_path.chmod(0)
    with as_nobody(), pytest.raises(ArtifactError, match="may not be reached by this user; change its permissions"):
        check_readable(tmp_path / "model", "x")
    tmp_path.chmod(0o700)


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    assert check_readable(tmp_path / "link", "x") == tmp_path / "link"


def test_a_short_listing(tmp_path: Path) -> None:
    (tmp_path / "b").touch()
    (tmp_path / "a").mkdir()
    assert listing(tmp_path) == "a, b"
