"""What the ``requirements.txt`` of a component says, as far as the name of its environment depends on it."""

import hashlib
import re
import sys
from pathlib import Path

from infergraph.errors import LoadError

_INCLUDED = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint)[\s=]+(\S+)", re.MULTILINE)
_IN_FOLDER = re.compile(r"^\s*(?:\.|-e\b|--editable\b)|\bfile:|(?:^|\s)\S+\.(?:whl|tar\.gz|zip)\s*$", re.MULTILINE)


def key_of(requirements: Path, own: str) -> str:
    """What tells an environment from all others: the requirements, the Python, and which InferGraph is ``own``.

    Where they name files beside them, their folder counts too.

    :raises LoadError: when they cannot be read.
    """
    texts = _texts(requirements, set())
    beside = str(requirements.parent) if any(map(_IN_FOLDER.search, texts)) else ""
    told = [*texts, beside, own, sys.version, sys.base_prefix]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:24]


def _texts(path: Path, seen: set[Path]) -> list[str]:
    """The file and those that it includes."""
    if path in seen:
        return []
    seen.add(path)
    try:
        text = path.read_text()
    except (OSError, ValueError) as error:
        raise LoadError(f"{path} cannot be read: {error}") from error
    included = [(path.parent / name).resolve() for name in _INCLUDED.findall(text) if "://" not in name]
    return [text, *(found for one in included for found in _texts(one, seen))]
