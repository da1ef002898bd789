"""The headers that every answer has (SELDON_V1 §3.4, Middlewares)."""

import os
import uuid
from collections.abc import Mapping

from infergraph.servers.answers import Answer, HeaderList

PUID = b"seldon-puid"
MAX_PUID_BYTES = 256
DEFAULT_ALLOWED_HEADERS = "Accept, Accept-Encoding, Authorization, Content-Length, Content-Type, X-CSRF-Token"


def puid_of(given: str) -> str:
    """The id of a request: the caller's, or a new random UUID.

    One over ``MAX_PUID_BYTES``, or not of printable ASCII, is replaced: answers and logs repeat it, clients take
    only so much of headers, and terminals obey some of the rest.
    """
    if given and len(given) <= MAX_PUID_BYTES and given.isascii() and given.isprintable():
        return given
    return str(uuid.uuid4())


class ResponseHeaders:
    """Makes the headers of answers: request id, CORS, no sniffing, CloudEvents where the request was one.

    CORS follows the environment variables CORS_ALLOWED_ORIGINS and CORS_ALLOWED_HEADERS, as with the v1 executor;
    answers that are not ``is_shared`` have none, and no web page of another origin can read them.
    """

    def __init__(self, name: str = "infergraph", namespace: str = "", *, is_shared: bool = True) -> None:
        origins = os.environ.get("CORS_ALLOWED_ORIGINS") or "*"
        allowed = os.environ.get("CORS_ALLOWED_HEADERS") or DEFAULT_ALLOWED_HEADERS
        self._source = f"seldon.{name}"
        self._type = f"seldon.{name}.{namespace}.response"
        self._is_shared = is_shared
        self._fixed: HeaderList = [(b"x-content-type-options", b"nosniff")]
        if is_shared:
            self._fixed += [
                (b"access-control-allow-origin", origins.encode()),
                (b"access-control-allow-headers", allowed.encode()),
            ]

    def puid(self, headers: Mapping[bytes, bytes]) -> str:
        """The id of a request."""
        return puid_of(headers.get(PUID, b"").decode("latin-1"))

    def of(self, answer: Answer, *, puid: str, methods: str, event_path: bytes | None) -> HeaderList:
        """All headers of an answer.

        ``methods`` are those of its path; ``event_path`` is the path of a request that is a CloudEvent.
        """
        listed = [*answer.headers, (PUID, puid.encode()), *self._fixed]
        if self._is_shared:
            listed.append((b"access-control-allow-methods", methods.encode()))
        if answer.status != 204:  # which has no length, not even zero (RFC 9110 §8.6)
            listed.append((b"content-length", b"%d" % len(answer.body)))
        if event_path is not None:
            listed += self._cloud_event(event_path, puid)
        if answer.status == 413:  # the rest of the body is not read, so nothing can follow it
            listed.append((b"connection", b"close"))
        return listed

    def _cloud_event(self, path: bytes, puid: str) -> HeaderList:
        return [
            (b"ce-id", puid.encode()),
            (b"ce-specversion", b"0.3"),
            (b"ce-path", path),
            (b"ce-type", self._type.encode()),
            (b"ce-source", self._source.encode()),
        ]
