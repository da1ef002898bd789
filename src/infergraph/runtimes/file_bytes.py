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


def decompressed(file: Path) -> Iterator[bytes]:
    """Yield the content in chunks. It ends early where the content is damaged.

    joblib's ``lz4`` is not read: its bytes come as they are.
    """
    with file.open("rb") as stream:
        head = stream.read(8)
        stream.seek(0)
        new = next((new for magic, new in _DECOMPRESSORS.items() if head.startswith(magic)), None)
        decompress = new().decompress if new else bytes
        while raw := stream.read(_CHUNK_BYTES):
            try:
                yield decompress(raw)
            except (zlib.error, lzma.LZMAError, OSError, EOFError):
                return
