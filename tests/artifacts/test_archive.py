import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from infergraph.artifacts.archive import Bounds, extract
from infergraph.artifacts.names import is_archive
from infergraph.errors import ArtifactError

SMALL = Bounds(most_entries=10, free_bytes=100_000, ratio=10)


def everything_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def tar(path: Path, *members: tarfile.TarInfo, content: bytes = b"x", mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for member in members:
            member.size = len(content) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, 0o4777
    return info


def zipped(path: Path, *names: str | zipfile.ZipInfo, content: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return path


def zip_link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize("name", ["m.tar.gz", "m.tgz", "m.tar", "m.tar.bz2", "m.tar.xz", "m.zip", "M.ZIP"])
def test_what_is_an_archive(name: str) -> None:
    assert is_archive(name)


@pytest.mark.parametrize("name", ["model.joblib", "model.pt", "model.gz", "zip", "model.npz"])
def test_what_is_none(name: str) -> None:
    assert not is_archive(name)


@pytest.mark.parametrize(
    ("name", "mode"), [("m.tar.gz", "w:gz"), ("m.tar", "w"), ("m.tar.xz", "w:xz"), ("m.tgz", "w:bz2")]
)
def test_a_tar(tmp_path: Path, name: str, mode: str) -> None:
    made = tar(tmp_path / name, member("./", tarfile.DIRTYPE), member("./1/saved_model.pb"), member("a"), mode=mode)
    extract(made, tmp_path / "out")
    assert everything_below(tmp_path / "out") == {"1", "1/saved_model.pb", "a"}
    assert (tmp_path / "out/a").read_bytes() == b"x"


def test_a_zip(tmp_path: Path) -> None:
    extract(zipped(tmp_path / "m.zip", "folder/", "folder/model.joblib"), tmp_path / "out")
    assert everything_below(tmp_path / "out") == {"folder", "folder/model.joblib"}


def test_permissions_of_an_archive_are_not_taken(tmp_path: Path) -> None:
    extract(tar(tmp_path / "m.tar.gz", member("a")), tmp_path / "out")
    assert stat.S_IMODE((tmp_path / "out/a").stat().st_mode) & ~0o644 == 0


ATTACKS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "climbs": ("climbs out", lambda path: tar(path / "m.tar.gz", member("../out.txt"))),
    "climbs inside": ("climbs out", lambda path: tar(path / "m.tar.gz", member("a/../../out.txt"))),
    "climbs as folder": ("climbs out", lambda path: tar(path / "m.tar.gz", member("../d", tarfile.DIRTYPE))),
    "absolute": ("absolute", lambda path: tar(path / "m.tar.gz", member(f"{path}/out.txt"))),
    "link": ("a link to '/etc'", lambda path: tar(path / "m.tar.gz", member("l", tarfile.SYMTYPE, "/etc"))),
    "link, then through it": (
        "a link to",
        lambda path: tar(path / "m.tar.gz", member("l", tarfile.SYMTYPE, str(path)), member("l/out.txt")),
    ),
    "hard link": ("a link to", lambda path: tar(path / "m.tar.gz", member("h", tarfile.LNKTYPE, "/etc/passwd"))),
    "device": ("a device", lambda path: tar(path / "m.tar.gz", member("d", tarfile.CHRTYPE))),
    "pipe": ("a device or a pipe", lambda path: tar(path / "m.tar.gz", member("p", tarfile.FIFOTYPE))),
    "long name": ("more than 255 bytes", lambda path: tar(path / "m.tar.gz", member("a" * 300))),
    "deep": ("deeper than", lambda path: tar(path / "m.tar.gz", member("a/" * 100 + "b"))),
    "newline": ("control characters", lambda path: tar(path / "m.tar.gz", member("a\nb"))),
    "twice": ("twice", lambda path: tar(path / "m.tar.gz", member("a"), member("a"))),
    "file, then below it": ("'a'|'b'", lambda path: tar(path / "m.tar.gz", member("a"), member("a/b"))),
    "many": ("more than 10 entries", lambda path: tar(path / "m.tar.gz", *[member(f"f{n}") for n in range(11)])),
    "bomb": ("zip bomb", lambda path: tar(path / "m.tar.gz", member("big"), content=bytes(1_000_000))),
    "empty": ("is empty", lambda path: tar(path / "m.tar.gz")),
    "zip climbs": ("climbs out", lambda path: zipped(path / "m.zip", "../out.txt")),
    "zip climbs with backslashes": ("climbs out", lambda path: zipped(path / "m.zip", "a\\..\\..\\out.txt")),
    "zip absolute": ("absolute", lambda path: zipped(path / "m.zip", "/out.txt")),
    "zip drive": ("absolute", lambda path: zipped(path / "m.zip", "C:/out.txt")),
    "zip link": ("a link", lambda path: zipped(path / "m.zip", zip_link("l"), content=b"/etc")),
    "zip many": ("more than 10 entries", lambda path: zipped(path / "m.zip", *[f"f{n}" for n in range(11)])),
    "zip bomb": ("zip bomb", lambda path: zipped(path / "m.zip", "big", content=bytes(1_000_000))),
    "zip bomb in parts": ("zip bomb", lambda path: zipped(path / "m.zip", "a", "b", "c", content=bytes(40_000))),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_leave_nothing_outside(tmp_path: Path, attack: str) -> None:
    message, make = ATTACKS[attack]
    archive = make(tmp_path)
    with pytest.raises(ArtifactError, match=message):
        extract(archive, tmp_path / "out", SMALL)
    assert {name for name in everything_below(tmp_path) if not name.startswith("out/")} == {archive.name, "out"}
    assert sum(path.stat().st_size for path in (tmp_path / "out").rglob("*")) < 300_000
    assert not any(path.is_symlink() or path.is_fifo() for path in (tmp_path / "out").rglob("*"))


def test_an_announced_size_is_no_promise(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "m.zip", "big", content=bytes(200_000))
    lying = archive.read_bytes().replace((200_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    archive.write_bytes(lying)
    with pytest.raises(ArtifactError, match="broken"):
        extract(archive, tmp_path / "out", SMALL)


@pytest.mark.parametrize("name", ["m.tar.gz", "m.zip", "m.tar"])
@pytest.mark.parametrize("keep", [0.0, 0.5, 0.75])
def test_broken_archives(tmp_path: Path, name: str, keep: float) -> None:
    noise = os.urandom(50_000)
    made = zipped(tmp_path / name, "a", content=noise) if name.endswith("zip") else tar(
        tmp_path / name, member("a"), content=noise, mode="w" if name == "m.tar" else "w:gz"
    )  # fmt: skip
    whole = made.read_bytes()
    made.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(ArtifactError, match="broken"):
        extract(made, tmp_path / "out")


def test_an_encrypted_zip(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "m.zip", "a")
    content = bytearray(archive.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    with pytest.raises(ArtifactError, match="encrypted"):
        extract(archive, tmp_path / "out")


def test_a_large_archive_of_zeros_is_no_bomb(tmp_path: Path) -> None:
    extract(zipped(tmp_path / "m.zip", "weights", content=bytes(2_000_000)), tmp_path / "out")
    assert (tmp_path / "out/weights").stat().st_size == 2_000_000
