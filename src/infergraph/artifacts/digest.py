"""The SHA-256 of an artifact."""

import hashlib
import hmac
import re
from pathlib import Path

from infergraph.errors import ArtifactError


def digest(path: Path) -> str:
    """Return the digest of a file, or of what a folder holds (of the file where it is a single one), in hexadecimal.

    Of several files it is that of the text ``sha256sum`` writes for them: ``<digest>  <name>\\n``, ordered by name.
    """
    if path.is_file():
        return _of_file(path)
    names = sorted(found.relative_to(path).as_posix() for found in path.rglob("*") if found.is_file())
    found = {name: _of_file(path / name) for name in names}
    if len(found) == 1:
        return next(iter(found.values()))
    return hashlib.sha256(
        "".join(f"{hexadecimal}  {name}\n" for name, hexadecimal in found.items()).encode()
    ).hexdigest()


def check_digest(found: str, expected: str | None, what: str) -> None:
    """:raises ArtifactError: when ``expected`` is given, and another."""
    if expected is None:
        return
    wanted = expected.strip().lower().removeprefix("sha256:")
    if not re.fullmatch(r"[0-9a-f]{64}", wanted):
        raise ArtifactError(f"{what}: expected a SHA-256 of 64 hexadecimal digits, got {expected[:80]!r}")
    if not hmac.compare_digest(found, wanted):
        raise ArtifactError(f"{what}: its SHA-256 is {found}, and {wanted} was expected; it is not used")


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
