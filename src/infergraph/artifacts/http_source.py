"""A single file or archive at an HTTP address."""

import hashlib
import http.client
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit, urlunsplit

from infergraph.artifacts.http_client import failure, get
from infergraph.artifacts.masked import masked
from infergraph.artifacts.names import safe_name
from infergraph.artifacts.retry import Transient
from infergraph.artifacts.source import RemoteFile
from infergraph.artifacts.wall_clock import now_s
from infergraph.errors import ArtifactError

PIECE_BYTES = 256 * 1024
UNKNOWN_VERSION_S = 3600
"""How long an answer without ETag and Last-Modified passes for the same content."""

_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")


class HttpSource:
    """``http://`` and ``https://``."""

    def __init__(self, uri: str) -> None:
        self.shown = masked(uri)
        self.identity = hashlib.sha256(_without_password(uri).encode()).hexdigest()
        self._what = f"modelUri {self.shown}"
        self._uri = uri
        if not urlsplit(uri).hostname:
            raise ArtifactError(f"{self._what} names no host; expected https://host/path/model.joblib")

    def files(self) -> list[RemoteFile]:
        """Ask for the first byte: that says size, version and whether there are ranges, also where HEAD is refused."""
        name = unquote(PurePosixPath(urlsplit(self._uri).path).name)
        if not name:
            raise ArtifactError(
                f"{self._what} names no file; a folder cannot be listed over HTTP, an archive can be fetched"
            )
        with self._asked({"Range": "bytes=0-0"}) as response:
            if response.headers.get_content_type() == "text/html" and not name.endswith((".html", ".htm")):
                raise ArtifactError(
                    f"{self._what}: the server answered a web page, and no model file; is it a log-in page?"
                )
            return [_described(safe_name(name, self._what), self._uri, response)]

    def read(self, file: RemoteFile, start: int, end: int | None) -> Iterator[bytes]:
        return read_range(file, start, end, what=self._what)

    def _asked(self, headers: dict[str, str]) -> http.client.HTTPResponse:
        return get(self._uri, headers, what=self._what)


def _without_password(uri: str) -> str:
    parts = urlsplit(uri)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _described(name: str, url: str, response: http.client.HTTPResponse) -> RemoteFile:
    version = _version(response) or f"seen-{int(now_s() // UNKNOWN_VERSION_S)}"
    found = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
    if response.status == http.HTTPStatus.PARTIAL_CONTENT and found:
        return RemoteFile(name=name, key=url, size=int(found[3]), version=version)
    length = response.headers.get("Content-Length", "")
    return RemoteFile(
        name=name, key=url, size=int(length) if length.isdigit() else None, version=version, has_ranges=False
    )


def _version(response: http.client.HTTPResponse) -> str:
    return response.headers.get("ETag") or response.headers.get("Last-Modified") or ""


def read_range(
    file: RemoteFile, start: int, end: int | None, *, what: str, headers: dict[str, str] | None = None
) -> Iterator[bytes]:
    """The bytes of ``file`` from its key, a URL; of the same version as before."""
    asked = dict(headers or {})
    if file.has_ranges:
        asked["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
    with get(file.key, asked, what=what) as response:
        _check_same(file, start, response, what)
        left = response.length
        while True:
            try:
                piece = response.read(PIECE_BYTES)
            except (OSError, http.client.HTTPException) as error:
                raise failure(error, what) from None
            if not piece:
                break
            left = None if left is None else left - len(piece)
            yield piece
    if left:
        raise Transient(f"the connection ended {left} bytes too early")


def _check_same(file: RemoteFile, start: int, response: http.client.HTTPResponse, what: str) -> None:
    if (version := _version(response)) and version != file.version and not file.version.startswith("sha"):
        raise ArtifactError(f"{what}: {file.name} changed while it was fetched; fetch it again")
    if file.has_ranges:
        found = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
        if response.status != http.HTTPStatus.PARTIAL_CONTENT or not found or int(found[1] or -1) != start:
            raise Transient(f"asked for bytes from {start} on, the server answered {response.status} with others")
