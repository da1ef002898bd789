"""An application that answers what arrived, and requests to it."""

import asyncio
import threading
from typing import Any

import msgspec

from tests.servers.raw import Answer, Serving, talk

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
LAST = GET + b"Connection: close\r\n\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


class Echo:
    """Answers what arrived. ``/hold`` waits before it does, ``/full`` refuses a body that it does not read."""

    def __init__(self) -> None:
        self.has_begun = threading.Event()
        self.hold = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/full":
            return await self.answer(send, b"too large", 413, (b"connection", b"close"))
        if scope["path"] == "/unread":
            return await self.answer(send, b"not found", 404)
        if scope["path"] == "/hold":
            self.has_begun.set()
            await self.hold.wait()
        if (body := await self.read(receive)) is None:
            return None
        what = {key: scope[key] for key in ("method", "path")} | {"query": scope["query_string"].decode()}
        what["body"] = body.decode("latin-1") if len(body) < 100 else len(body)
        what["headers"] = [name.decode() for name, _ in scope["headers"]]
        return await self.answer(send, msgspec.json.encode(what))

    async def read(self, receive: Any) -> bytes | None:
        parts = []
        while (message := await receive())["type"] == "http.request":
            parts.append(message["body"])
            if not message["more_body"]:
                return b"".join(parts)
        return None

    async def answer(self, send: Any, body: bytes, status: int = 200, *headers: tuple[bytes, bytes]) -> None:
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
        await send({"type": "http.response.body", "body": body})


def content(answer: Answer) -> Any:
    """What an answer of `Echo` says arrived."""
    assert answer.status == 200
    return msgspec.json.decode(answer.body)


def assert_serves(running: Serving) -> None:
    """Somebody else is served as if nothing had happened."""
    assert [answer.status for answer in talk(running, LAST)] == [200]
