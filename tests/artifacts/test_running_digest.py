import hashlib
import os
import random
from pathlib import Path

import pytest

from infergraph.artifacts.digest import combined
from infergraph.artifacts.running_digest import READ_BYTES, Piece, RunningDigest
from infergraph.artifacts.source import RemoteFile

CONTENTS = {"a": os.urandom(3 * READ_BYTES + 5), "b": b"", "c/d": b"small"}
EXPECTED = combined({name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()})


def file(name: str) -> RemoteFile:
    return RemoteFile(name=name, key=name, size=len(CONTENTS[name]), version="1")


FILES = [file(name) for name in CONTENTS]
PIECES = [
    Piece(0, FILES[0], 0, 1_000_000),
    Piece(1, FILES[0], 1_000_000, 1_000_001),
    Piece(2, FILES[0], 1_000_001, 3 * READ_BYTES + 5),
    Piece(3, FILES[2], 0, None),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in CONTENTS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("seed", range(4))
def test_pieces_may_come_in_any_order(folder: Path, seed: int) -> None:
    digest = RunningDigest(FILES, PIECES, folder)
    for piece in random.Random(seed).sample(PIECES, len(PIECES)):
        digest.add(piece.number)
    assert digest.result() == EXPECTED


def test_nobody_waits_for_what_never_comes(folder: Path) -> None:
    digest = RunningDigest(FILES, PIECES, folder)
    digest.add(0)
    digest.give_up()
    digest._following.result(timeout=20)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    digest = RunningDigest(FILES, PIECES, tmp_path)
    for piece in PIECES:
        digest.add(piece.number)
    with pytest.raises(FileNotFoundError):
        digest.result()
