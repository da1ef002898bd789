"""The SHA-256 of an artifact."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from pathlib import Path

from infergraph.errors import ArtifactError


def digest(path: Path) -> str:
    """Return the digest of a file, or of what a folder holds, in hexadecimal: see `combined`."""
    if path.is_file():
        return _of_file(path)
    files = [found for found in path.rglob("*") if found.is_file()]
    return combined({found.relative_to(path).as_posix(): _of_file(found) for found in files})


def combined(found: Mapping[str, str]) -> str:
    """Return the digest of an artifact by those of its files, all in hexadecimal; of a single file it is the file's.

    Of several it is that of the text ``sha256sum`` writes for them: ``<digest>  <name>\\n``, ordered by name.
    """
    if len(found) == 1:
        return next(iter(found.values()))
    text = "".join(f"{found[name]}  {name}\n" for name in sorted(found))
    return hashlib.sha256(text.encode()).hexdigest()


def wanted_digest(expected: str | None, what: str) -> str | None:
    """The digits of ``expected``; nothing need be fetched to see that they are none.

    :raises ArtifactError: when it is given, and no SHA-256.
    """
    if expected is None:
        return None
    wanted = expected.strip().lower().removeprefix("sha256:")
    if not re.fullmatch(r"[0-9a-f]{64}", wanted):
        raise ArtifactError(f"{what}: expected a SHA-256 of 64 hexadecimal digits, got {expected[:80]!r}")
    return wanted


def check_digest(found: str, expected: str | None, what: str) -> None:
    """:raises ArtifactError: when ``expected`` is given, and another."""
    wanted = wanted_digest(expected, what)
    if wanted is not None and not hmac.compare_digest(found, wanted):
        raise ArtifactError(f"{what}: its SHA-256 is {found}, and {wanted} was expected; it is not used")


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
