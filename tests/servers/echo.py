"""An application that answers what arrived, and requests to it."""

import asyncio
import threading
from typing import Any

import msgspec

from infergraph.servers.request import Reply, Request
from tests.servers.raw import Answer, Serving, talk

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
LAST = GET + b"Connection: close\r\n\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


class Echo:
    """Answers what arrived. ``/hold`` waits before it does, ``/full`` takes no body, ``/unread`` does not read it."""

    def __init__(self, body_bytes: int = 2**26) -> None:
        self.has_begun = threading.Event()
        self.hold = asyncio.Event()
        self._body_bytes = body_bytes

    def accept(self, request: Request) -> int:
        return 0 if request.path in ("/full", "/unread") else self._body_bytes

    async def __call__(self, request: Request) -> Reply:
        if request.path == "/full" or (request.body is None and request.path != "/unread"):
            return reply(b"too large", 413, closes=True)
        if request.path == "/unread":
            return reply(b"not found", 404)
        if request.path == "/hold":
            self.has_begun.set()
            await self.hold.wait()
        body = request.body or b""
        what: dict[str, Any] = {"method": request.method, "path": request.path, "query": request.query.decode()}
        what["body"] = body.decode("latin-1") if len(body) < 100 else len(body)
        what["headers"] = [name.decode() for name, _ in request.fields]
        return reply(msgspec.json.encode(what))


def reply(body: bytes, status: int = 200, *, closes: bool = False) -> Reply:
    """A reply with its length and nothing else."""
    return Reply(status, b"content-length: %d\r\n" % len(body), body, closes)


def content(answer: Answer) -> Any:
    """What an answer of `Echo` says arrived."""
    assert answer.status == 200
    return msgspec.json.decode(answer.body)


def assert_serves(running: Serving) -> None:
    """Somebody else is served as if nothing had happened."""
    assert [answer.status for answer in talk(running, LAST)] == [200]
