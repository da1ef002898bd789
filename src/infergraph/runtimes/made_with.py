"""Which scikit-learn a saved model was made with, and whether that is the one installed here."""

import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from infergraph.runtimes.file_bytes import decompressed

# scikit-learn adds the item "_sklearn_version" to the state of every estimator. In the pickle, the opcodes that may
# stand between the name and its value keep the name for later (MEMOIZE, BINPUT, LONG_BINPUT) or begin a frame.
_VERSION = re.compile(
    rb"_sklearn_version(?:\x94|q.|r.{4})?(?:\x95.{8})?(?:\x8c(?P<short>.)|X(?P<long>.{4}))(?P<text>[0-9][\w.+]*)",
    re.DOTALL,
)
_MOST_CHUNKS = 4096  # the version comes early, with the first estimator, and a longer search would delay an error
_OVERLAP_BYTES = 128  # longer than a match, so that none is lost between two chunks


@dataclass(frozen=True, slots=True)
class MadeWith:
    """The scikit-learn version in a file, and the one that runs."""

    file: str
    version: str
    installed: str

    def __str__(self) -> str:
        return (
            f"{self.file} was made with scikit-learn {self.version}, and {self.installed} is installed here; "
            f'install the same one: pip install "scikit-learn=={self.version}"'
        )


def find_version(file: Path) -> str | None:
    """Return the scikit-learn version written in a pickle or joblib file, plain or compressed, or None.

    Nothing is unpickled, so it also works for a file that cannot be, and no code in the file runs.
    """
    tail = b""
    for chunk in islice(decompressed(file), _MOST_CHUNKS):
        match = _VERSION.search(tail + chunk)
        if match and (version := _text(match)):
            return version
        tail = (tail + chunk)[-_OVERLAP_BYTES:]
    return None


def _text(match: "re.Match[bytes]") -> str | None:
    """Cut the value at its length: the next opcode may look like a letter of it. None when a part is yet to be read."""
    length = int.from_bytes(match["short"] or match["long"], "little")
    return match["text"][:length].decode("ascii") if len(match["text"]) >= length else None
