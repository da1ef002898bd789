"""An HTTP server with ranges, passwords and faults, on a real socket."""

import base64
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fault = Callable[["Handler"], bool]
"""Answers a request in place of the server, and returns whether it did."""


class Store(ThreadingHTTPServer):
    """What it serves by path, and what it was asked. ``faults`` are used up one by one, and not by the first look."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.tags: dict[str, str] = {}
        self.redirects: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.password: str | None = None
        self.token: str | None = None
        self.has_ranges = True
        self.says_length = True
        self.asked: list[tuple[str, str | None]] = []
        self.heard: list[str | None] = []
        """What each request said who it is."""
        self.sent: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client may go at any time."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Store
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        span = self.headers.get("Range")
        self.server.asked.append((path, span))
        self.server.heard.append(self.headers.get("Authorization"))
        if span != "bytes=0-0" and self.server.faults and self.server.faults.pop(0)(self):
            return
        if not self.is_known():
            self.answer(401, b"<h1>Who are you?</h1>", {"Content-Type": "text/html"})
        elif path in self.server.redirects:
            self.answer(302, b"", {"Location": self.server.redirects[path]})
        elif path not in self.server.files:
            self.answer(404, b"no such key")
        else:
            self.send_file(path, span)

    def is_known(self) -> bool:
        said, password, token = self.headers.get("Authorization"), self.server.password, self.server.token
        return (not password or said == _basic(password)) and (not token or said == f"Bearer {token}")

    def send_file(self, path: str, span: str | None) -> None:
        content = self.server.files[path]
        headers = {"Content-Type": "application/octet-stream"}
        if tag := self.server.tags.get(path, '"1"'):
            headers["ETag"] = tag
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", span or "") if self.server.has_ranges else None
        if found is None:
            self.server.sent[path] += len(content)
            self.answer(200, content, headers)
        elif int(found[1]) >= len(content):
            self.answer(416, b"", {**headers, "Content-Range": f"bytes */{len(content)}"})
        else:
            first, last = int(found[1]), min(int(found[2] or len(content)), len(content) - 1)
            self.server.sent[path] += last + 1 - first
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            self.answer(206, content[first : last + 1], headers)

    def answer(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, *, length: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if self.server.says_length:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has
        """Say nothing."""


def failing(status: int, **headers: str) -> Fault:
    """Answers an error."""

    def fault(handler: Handler) -> bool:
        handler.answer(status, b"not now", {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return fault


def cut(after: int) -> Fault:
    """Sends so many of the bytes that were asked for, and ends the connection."""

    def fault(handler: Handler) -> bool:
        path = handler.path.partition("?")[0]
        content = handler.server.files[path]
        first = int((handler.headers.get("Range") or "bytes=0-")[6:].partition("-")[0])
        headers = {"ETag": handler.server.tags.get(path, '"1"')}
        if not handler.server.has_ranges:
            handler.answer(200, content[:after], headers, length=len(content))
            return True
        headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        handler.answer(206, content[first : first + after], headers, length=len(content) - first)
        return True

    return fault


def hang_up(handler: Handler) -> bool:
    """Ends the connection without a word."""
    handler.close_connection = True
    return True


@contextmanager
def http_store(**files: bytes) -> Iterator[Store]:
    """A server with these files; its thread ends with it."""
    store = Store()
    store.files = {f"/{name}": content for name, content in files.items()}
    thread = threading.Thread(target=store.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield store
    finally:
        store.shutdown()
        thread.join()
        store.server_close()


def _basic(password: str) -> str:
    return f"Basic {base64.b64encode(password.encode()).decode()}"
