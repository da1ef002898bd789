"""This very InferGraph as a wheel, so that an environment gets what runs here, wherever that came from.

No index has to have it and nothing is built: a wheel is an archive of the files that are installed and of their
metadata (PyPA's binary distribution format). From a checkout it holds a path to that instead, as editable ones do.
"""

import base64
import hashlib
import zipfile
from importlib import metadata
from pathlib import Path

import infergraph
from infergraph.errors import LoadError

WHEEL = "Wheel-Version: 1.0\nGenerator: infergraph\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
FOLDER = Path(infergraph.__file__).resolve().parent


class OwnPackage:
    """:raises LoadError: when InferGraph runs without being installed: then nobody knows what it needs."""

    def __init__(self) -> None:
        try:
            self._distribution = metadata.distribution("infergraph")
        except metadata.PackageNotFoundError:
            raise LoadError(
                f"infergraph runs from {FOLDER} and is not installed, so it cannot be installed beside the packages of "
                "a component; pip install it here first (-e for a checkout)"
            ) from None
        self._is_checkout = Path(str(self._distribution.locate_file("infergraph"))).resolve() != FOLDER

    @property
    def identity(self) -> str:
        """What changes when another InferGraph would be installed: its metadata, and its files or where they are."""
        told = [self._text("METADATA"), str(FOLDER) if self._is_checkout else self._text("RECORD")]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    def write(self, folder: Path) -> Path:
        """The wheel, in that folder."""
        name = f"infergraph-{self._distribution.version}"
        files = self._files()
        files[f"{name}.dist-info/METADATA"] = self._text("METADATA").encode()
        files[f"{name}.dist-info/WHEEL"] = WHEEL.encode()
        files[f"{name}.dist-info/entry_points.txt"] = self._text("entry_points.txt").encode()
        record = f"{name}.dist-info/RECORD"
        lines = [f"{path},sha256={_digest(data)},{len(data)}" for path, data in files.items()]
        files[record] = "\n".join([*lines, f"{record},,", ""]).encode()
        wheel = folder / f"{name}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, data in files.items():
                archive.writestr(path, data)
        return wheel

    def _files(self) -> dict[str, bytes]:
        if self._is_checkout:
            return {"_infergraph.pth": f"{FOLDER.parent}\n".encode()}
        paths = sorted(path for path in FOLDER.rglob("*") if path.is_file() and path.suffix != ".pyc")
        return {path.relative_to(FOLDER.parent).as_posix(): path.read_bytes() for path in paths}

    def _text(self, name: str) -> str:
        return self._distribution.read_text(name) or ""


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
