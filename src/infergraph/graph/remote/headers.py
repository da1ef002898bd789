"""The headers that go with a call: those of the request, except what belongs to its connection or its body."""

import base64
import re
from collections.abc import Iterator, Sequence

from infergraph.graph.remote.connection_headers import OF_THE_CONNECTION, named_by_connection

JSON = "application/json"

_NOT_FORWARDED = OF_THE_CONNECTION | {
    # of the body, which is written anew
    b"accept-encoding",
    b"content-encoding",
    b"content-length",
    b"content-type",
    b"inference-header-content-length",
    # said by the call itself
    b"seldon-puid",
}


_KEY = re.compile(rb"[0-9a-z_.-]+")  # of metadata, and of the values of those that are no bytes (gRPC over HTTP/2)
_VALUE = re.compile(rb"[ -~]*")
_BYTES = b"-bin"

Headers = Sequence[tuple[bytes, bytes]]


def forwarded(headers: Headers, puid: str, content_type: str = JSON) -> list[tuple[str, str]]:
    """The header lines of a call (SELDON_V1 §3.5); what ``Connection`` names ends here, too."""
    lines = [("Content-Type", content_type), ("Accept-Encoding", "identity"), ("Seldon-Puid", puid)]
    lines += [(name.decode("latin-1"), _text(name, value)) for name, value in _kept(headers)]
    return lines


def metadata_of(headers: Headers, puid: str) -> list[tuple[str, str | bytes]]:
    """The metadata of a call (SELDON_V1 §3.8): the same headers, but for those that metadata cannot say."""
    metadata: list[tuple[str, str | bytes]] = [("seldon-puid", puid)]
    for name, value in _kept(headers):
        if name == b"user-agent" or not _KEY.fullmatch(name):
            continue
        if name.endswith(_BYTES):
            metadata.append((name.decode(), value))
        elif _VALUE.fullmatch(value):
            metadata.append((name.decode(), value.decode()))
    return metadata


def _text(name: bytes, value: bytes) -> str:
    """A value as a header has it; bytes that came as binary metadata as gRPC itself writes them, in base64."""
    if name.endswith(_BYTES) and not _VALUE.fullmatch(value):
        return base64.b64encode(value).decode()
    return value.decode("utf-8", "replace")


def _kept(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    named = named_by_connection(headers)
    for name, value in headers:
        if name not in _NOT_FORWARDED and name not in named and not name.startswith((b":", b"grpc-")):
            yield name, value
