"""The bytes of a pickle or joblib file as they were before compression, without unpickling anything."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

# How joblib's compressed files begin, and what reads each.
_DECOMPRESSORS: dict[bytes, Callable[[], "zlib._Decompress | bz2.BZ2Decompressor | lzma.LZMADecompressor"]] = {
    b"\x78": zlib.decompressobj,
    b"\x1f\x8b": lambda: zlib.decompressobj(wbits=zlib.MAX_WBITS | 16),
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ": lzma.LZMADecompressor,
    b"\x5d\x00": lzma.LZMADecompressor,
}
_CHUNK_BYTES = 1 << 16
_HEAD_BYTES = 8


def is_compressed(file: Path) -> bool:
    """Tell whether the content is compressed in a way that is read here."""
    with file.open("rb") as stream:
        return _decompressor(stream.read(_HEAD_BYTES)) is not None


def decompressed(file: Path) -> Iterator[bytes]:
    """Yield the content in chunks. It ends early where the content is damaged.

    joblib's ``lz4`` is not read: its bytes come as they are.
    """
    with file.open("rb") as stream:
        new = _decompressor(stream.read(_HEAD_BYTES))
        stream.seek(0)
        decompress = new().decompress if new else bytes
        while raw := stream.read(_CHUNK_BYTES):
            try:
                yield decompress(raw)
            except (zlib.error, lzma.LZMAError, OSError, EOFError):
                return


def _decompressor(head: bytes) -> "Callable[[], zlib._Decompress | bz2.BZ2Decompressor | lzma.LZMADecompressor] | None":
    return next((new for magic, new in _DECOMPRESSORS.items() if head.startswith(magic)), None)
