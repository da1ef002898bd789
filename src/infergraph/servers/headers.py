"""The headers that every answer has (SELDON_V1 §3.4, Middlewares)."""

import os
import random
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
    return _new_puid()


# Not uuid.uuid4, which asks the kernel each time, and lets another thread have the interpreter meanwhile: under load
# that was a tenth of a call over gRPC. A generator of its own, so that a component's random.seed repeats no id.
_RANDOM = random.Random()  # noqa: S311 - an id is no secret
_FREE_BITS = ~(0xF << 76 | 0b11 << 62)
_VERSION_4 = 4 << 76 | 0b10 << 62
os.register_at_fork(after_in_child=_RANDOM.seed)


def _new_puid() -> str:
    """A random UUID (RFC 9562 §5.4)."""
    digits = f"{_RANDOM.getrandbits(128) & _FREE_BITS | _VERSION_4:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class ResponseHeaders:
    """Makes the headers of answers: request id, CORS, no sniffing, CloudEvents where the request was one.

    CORS follows the environment variables CORS_ALLOWED_ORIGINS and CORS_ALLOWED_HEADERS, as with the v1 executor.
    """

    def __init__(self, name: str = "infergraph", namespace: str = "") -> None:
        origins = os.environ.get("CORS_ALLOWED_ORIGINS") or "*"
        allowed = os.environ.get("CORS_ALLOWED_HEADERS") or DEFAULT_ALLOWED_HEADERS
        self._source = f"seldon.{name}"
        self._type = f"seldon.{name}.{namespace}.response"
        self._fixed: HeaderList = [
            (b"x-content-type-options", b"nosniff"),
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
        listed = [
            *answer.headers,
            (PUID, puid.encode()),
            (b"access-control-allow-methods", methods.encode()),
            *self._fixed,
        ]
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
