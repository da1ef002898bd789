"""The headers that go with a call: those of the request, except what belongs to its connection or its body."""

from collections.abc import Sequence

JSON = "application/json"

_NOT_FORWARDED = frozenset(
    {
        # of the connection (RFC 9110 §7.6.1)
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"host",
        b"expect",
        # of the body, which is written anew
        b"accept-encoding",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"inference-header-content-length",
        # said by the call itself
        b"seldon-puid",
    }
)


def forwarded(headers: Sequence[tuple[bytes, bytes]], puid: str, content_type: str = JSON) -> list[tuple[str, str]]:
    """The header lines of a call (SELDON_V1 §3.5); what ``Connection`` names ends here, too."""
    named = {token.strip().lower() for name, value in headers if name == b"connection" for token in value.split(b",")}
    lines = [("Content-Type", content_type), ("Accept-Encoding", "identity"), ("Seldon-Puid", puid)]
    lines += [
        (name.decode("latin-1"), value.decode("utf-8", "replace"))
        for name, value in headers
        if name not in _NOT_FORWARDED and name not in named and not name.startswith((b":", b"grpc-"))
    ]
    return lines
