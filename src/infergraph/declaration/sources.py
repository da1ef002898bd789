"""The files that a user names, as texts."""

import codecs
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from infergraph.declaration.limits import MAX_BYTES
from infergraph.declaration.problem import Problem

STDIN: Final = Path("-")
_SUFFIXES: Final = {".yaml", ".yml", ".json"}
_BYTE_ORDER_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Source(Struct, frozen=True):
    """The text of one file. ``is_named`` tells a file that the user named from one that was found in a folder."""

    path: Path
    text: str
    is_named: bool


def read_sources(paths: Sequence[str | Path]) -> Iterator[Source | Problem]:
    """Each file's text, or why there is none. A folder stands for its .yaml, .yml and .json files, sorted; - for stdin.

    A file that is named twice is read once.
    """
    for path in dict.fromkeys(map(Path, paths)):
        try:
            is_folder = path != STDIN and path.is_dir()
            yield from _folder(path) if is_folder else [_source(path, is_named=True)]
        except FileNotFoundError:
            yield Problem(message=f"there is no such file (looked in {Path.cwd()})", file=str(path))
        except OSError as error:
            yield Problem(message=f"this cannot be read: {error.strerror}", file=error.filename or str(path))


def _folder(path: Path) -> Iterable[Source | Problem]:
    files = sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES and file.is_file())
    if not files:
        return [Problem(message="this folder holds no .yaml, .yml or .json file", file=str(path))]
    return [_source(file, is_named=False) for file in files]


def _source(path: Path, *, is_named: bool) -> Source | Problem:
    data = _read(path)
    if len(data) > MAX_BYTES:
        message = "the file is larger than 1.5 MiB, the most that Kubernetes can store in one object"
        return Problem(message=message, file=str(path))
    return _decoded(path, data, is_named=is_named)


def _read(path: Path) -> bytes:
    # One byte more than is allowed, so that an endless file ends too.
    if path == STDIN:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _decoded(path: Path, data: bytes, *, is_named: bool) -> Source | Problem:
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return Source(path, data.decode(encoding), is_named)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return Problem(
            message=f"expected text in UTF-8, got the byte 0x{data[error.start]:02X}", file=str(path), line=line
        )
