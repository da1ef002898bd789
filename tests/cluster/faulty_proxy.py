"""A proxy between a client and the API server that refuses, loses, delays and cuts what it is told to."""

import asyncio
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from aiohttp import web
from yarl import URL

from tests.ports import free_port

WRITES = frozenset({"create", "update", "patch", "delete"})
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_HANDED_ON = ("Authorization", "Content-Type", "Accept", "User-Agent")
_REASONS = {409: "Conflict", 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable"}


class Call(NamedTuple):
    """One call, in the words of RBAC, and the how manieth of its verb it is."""

    verb: str
    resource: str
    name: str
    number: int

    @property
    def is_write(self) -> bool:
        return self.verb in WRITES


class Refuse(NamedTuple):
    """The API server does not get it: this is the answer."""

    status: int
    retry_after_s: int = 0


class Lose(NamedTuple):
    """The API server does it, and nobody hears that it did."""


class Delay(NamedTuple):
    """It takes long."""

    seconds: float


class Cut(NamedTuple):
    """A watch breaks after so many lines."""

    after: int


Fault = Refuse | Lose | Delay | Cut | None


class FaultyProxy:
    """A running one. ``rule`` says what happens to a call; ``calls`` counts those that came."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._session: aiohttp.ClientSession
        self.loop = asyncio.new_event_loop()
        self._transports: set[asyncio.Transport] = set()
        self._numbers: Counter[str] = Counter()
        self.url = ""
        self.rule: Callable[[Call], Fault] = lambda _: None
        self.calls: Counter[tuple[str, str]] = Counter()
        self.faults: Counter[str] = Counter()
        """How often each kind of fault was met: a test in which nothing went wrong shows nothing."""

    async def serve(self, port: int, context: ssl.SSLContext, is_up: threading.Event, ends: asyncio.Event) -> None:
        """Until ``ends`` is set."""
        server = web.Server(self._handle)
        runner = web.ServerRunner(server, shutdown_timeout=0.1)
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=False, limit=0), timeout=aiohttp.ClientTimeout(total=None)
        ) as self._session:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()
            self.url = f"https://127.0.0.1:{port}"
            is_up.set()
            await ends.wait()
            await runner.cleanup()
            rest = asyncio.all_tasks() - {asyncio.current_task()}  # calls that are still delayed
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(0.2)  # aiohttp closes connections with TLS in turns of the loop after that

    def cut(self) -> None:
        """Break all connections, also those over which nothing is said."""
        self.loop.call_soon_threadsafe(self._abort)

    def _abort(self) -> None:
        for transport in self._transports:
            transport.abort()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.transport is not None:
            self._transports.add(request.transport)
        call = self._call(request)
        fault = self.rule(call)
        if fault is not None:
            self.faults[type(fault).__name__] += 1
        match fault:
            case Refuse():
                return _refusal(fault)
            case Delay():
                await asyncio.sleep(fault.seconds)
        try:
            return await self._hand_on(request, fault)
        except (aiohttp.ClientError, ConnectionError):
            return _broken(request)

    def _call(self, request: web.BaseRequest) -> Call:
        verb = _VERBS.get(request.method, "watch" if request.query.get("watch") == "true" else "get")
        resource, name = resource_of(request.path)
        self._numbers[verb] += 1
        self.calls[verb, resource] += 1
        return Call(verb, resource, name, self._numbers[verb])

    async def _hand_on(self, request: web.BaseRequest, fault: Fault) -> web.StreamResponse:
        url = URL(self._target + request.raw_path, encoded=True)
        headers = {name: request.headers[name] for name in _HANDED_ON if name in request.headers}
        async with self._session.request(request.method, url, data=await request.read(), headers=headers) as answer:
            if isinstance(fault, Lose):
                await answer.read()
                return _broken(request)
            kept = {name: answer.headers[name] for name in ("Content-Type", "Retry-After") if name in answer.headers}
            response = web.StreamResponse(status=answer.status, headers=kept)
            await response.prepare(request)
            async for count, line in _numbered(answer.content):
                if isinstance(fault, Cut) and count > fault.after:
                    return _broken(request)
                await response.write(line)
            return response


async def _numbered(lines: aiohttp.StreamReader) -> Any:
    count = 0
    async for line in lines.iter_any():
        count += 1
        yield count, line


def resource_of(path: str) -> tuple[str, str]:
    """What a path is about, as RBAC names it (``seldondeployments/status``), and which one of them."""
    parts = path.strip("/").split("/")
    parts = parts[2:] if parts[0] == "api" else parts[3:]
    if len(parts) > 2 and parts[0] == "namespaces":
        parts = parts[2:]
    name = parts[1] if len(parts) > 1 else ""
    return "/".join([*parts[:1], *parts[2:]]), name


def _refusal(fault: Refuse) -> web.Response:
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": _REASONS[fault.status],
        "message": f"a fault on purpose: {fault.status}",
        "code": fault.status,
    }
    headers = {"Retry-After": str(fault.retry_after_s)} if fault.retry_after_s else {}
    return web.json_response(status, status=fault.status, headers=headers)


def _broken(request: web.BaseRequest) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)


@contextmanager
def faulty_proxy(target: str, work: Path) -> Iterator[FaultyProxy]:
    """One in a thread of its own, ended with the block."""
    context = _certificate(work)
    proxy, is_up, ends = FaultyProxy(target), threading.Event(), asyncio.Event()
    running = proxy.serve(free_port(), context, is_up, ends)
    thread = threading.Thread(target=lambda: proxy.loop.run_until_complete(running))
    thread.start()
    try:
        assert is_up.wait(timeout=20)
        yield proxy
    finally:
        proxy.loop.call_soon_threadsafe(ends.set)
        thread.join()
        proxy.loop.close()


def _certificate(work: Path) -> ssl.SSLContext:
    key, certificate = work / "proxy.key", work / "proxy.crt"
    asked = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    named = [
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    subprocess.run([*asked, *named], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
