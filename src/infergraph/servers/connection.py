"""One HTTP connection: from bytes to requests, and from answers to bytes, with limits, refusals and patience.

The parser is llhttp; what a request means is the application's. What is refused here never reaches the application:
requests that are not HTTP/1.1 to the letter (two readings of one request are how requests are smuggled past a proxy),
that are too large in their headers, or that do not arrive.
"""

import asyncio
import enum
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

import httptools

from infergraph.servers.body import Pieces
from infergraph.servers.farewell import Farewell
from infergraph.servers.refusal import STATUS_LINES, Refusal, malformed, refusal_of
from infergraph.servers.request import Reply, Request
from infergraph.servers.request_head import (
    check_head_size,
    check_no_tunnel,
    check_old_version,
    check_transfer_encoding,
    origin_form,
    without_upgrade,
)
from infergraph.servers.server_state import ServerState

logger = logging.getLogger("infergraph.connection")


class Phase(enum.Enum):
    """What of a request the next byte belongs to."""

    IDLE = enum.auto()
    """None: the last one is complete, whether answered or not."""
    HEAD = enum.auto()
    """Its request line and headers."""
    BODY = enum.auto()
    """Its body, wanted or not."""


NOTED = frozenset((b"host", b"expect", b"transfer-encoding"))
LARGE_BYTES = 2**16  # a body from here on is handed to the socket as it is; a smaller one is copied behind its headers

# Looking up a member costs more than everything else that is done with it.
IDLE, HEAD, BODY = Phase


class Connection(asyncio.Protocol):
    """One connection of a server.

    A request runs once its body is here, or as soon as it is known that nobody reads it. One runs at a time, and the
    answers keep the order of pipelined requests; those of refused requests too. An answer that ends while its request
    is still arriving (a 413 with ``connection: close``) is read by the client: see `Farewell`.
    """

    __slots__ = (
        "_clock",
        "_expects_continue",
        "_fields",
        "_first_bytes",
        "_fresh_bytes",
        "_has_ended",
        "_heard_s",
        "_host_count",
        "_idle_clock",
        "_idle_since_s",
        "_incoming",
        "_is_closing",
        "_is_draining",
        "_is_reading_paused",
        "_is_writing_paused",
        "_parser",
        "_pending_bytes",
        "_phase",
        "_pieces",
        "_reader_clock",
        "_refusal",
        "_running",
        "_state",
        "_task",
        "_transport",
        "_url",
        "_waiting",
        "_wanted_bytes",
        "limits",
        "loop",
    )

    _transport: asyncio.Transport

    def __init__(self, state: ServerState, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.limits = state.limits
        self._state = state
        self._parser: Any = httptools.HttpRequestParser(self)
        self._is_closing = self._has_ended = self._is_draining = False
        self._is_reading_paused = self._is_writing_paused = False
        # The request that arrives, and what of it is here.
        self._phase = IDLE
        self._url = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._host_count = 0
        self._expects_continue = False
        self._incoming: Request | None = None
        self._wanted_bytes = 0
        self._pieces: Pieces | None = None
        # Bytes since a request began or the parser last got somewhere: what a head, a chunk extension, trailers or an
        # unwanted body have piled up. A head may have begun anywhere in the first bytes that are counted for it.
        self._pending_bytes = 0
        self._first_bytes = 0
        self._fresh_bytes = 0
        # The requests that are here.
        self._waiting: deque[Request] = deque()
        self._running: Request | None = None
        self._task: asyncio.Task[None] | None = None
        self._refusal: Refusal | None = None
        # How long is waited.
        self._heard_s = 0.0
        self._clock: asyncio.TimerHandle | None = None
        self._idle_since_s = 0.0
        self._idle_clock: asyncio.TimerHandle | None = None
        self._reader_clock: asyncio.TimerHandle | None = None

    # What the transport calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected, and has `Limits.header_timeout_s` to say what it wants."""
        self._transport = transport
        self._state.connections.add(self)
        self._state.total_connections += 1
        self._start_clock(self.limits.header_timeout_s, self._end_head)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol has it
        """The connection is gone. A request that runs is finished: what a model learns is not half learnt."""
        self._is_closing = True
        self._stop_clock()
        for clock in (self._idle_clock, self._reader_clock):
            if clock is not None:
                clock.cancel()
        self._waiting.clear()
        self._parser = None
        self._state.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        """Bytes have come. A request that is complete with them costs no clock and no check beyond its headers."""
        if self._refusal is not None:
            return
        self._fresh_bytes = len(data)
        self._pending_bytes += self._fresh_bytes
        try:
            rest = self._feed(data)
            while rest is not None:
                rest = self._feed_plainly(rest)
            if self._pending_bytes or self._phase is not IDLE:
                self._watch()
        except Refusal as refusal:
            self._refuse(refusal)
        except httptools.HttpParserError as error:
            self._refuse(refusal_of(error))
        if self._waiting:
            self._run_next()
        if self._running is not None and (self._waiting or self._is_second_arriving):
            self._pause_reading()

    def eof_received(self) -> bool:
        """The client sends no more, but may still read (TLS cannot half-close): what runs is answered, then closed."""
        self._has_ended = True
        is_busy = self._running is not None
        if self._phase is not IDLE:
            self._refuse(malformed("expected a complete request, but the client stopped sending in the middle of it"))
        elif self._running is not None:
            (self._waiting[-1] if self._waiting else self._running).keep_alive = False
        return is_busy and self._transport.can_write_eof()

    def pause_writing(self) -> None:
        """More of an answer is written than the client has read: how long may it take to read on?"""
        self._is_writing_paused = True
        self.await_reader()

    def resume_writing(self) -> None:
        """The client has read on: the next request may run."""
        self._is_writing_paused = False
        self._run_next()

    # What the parser calls

    def on_message_begin(self) -> None:
        self._phase = HEAD
        self._url = b""
        self._fields = []
        self._host_count = 0
        self._expects_continue = False
        self._pending_bytes = self._first_bytes = self._fresh_bytes
        if self._is_draining:
            self._stop_clock()  # the grace: what it waited for has come

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name in NOTED:
            self._note(name, value)
        self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        parser = self._parser
        if parser.should_upgrade():
            check_no_tunnel(parser.get_method(), self._url)
            return  # `_feed_plainly` sees to it
        is_current = self._check_head()
        method = parser.get_method().decode("ascii")
        path, _, query = self._url.partition(b"?")
        # Trailers must not look like headers, and the request has the list of these.
        fields, self._fields = self._fields, []
        request = self._incoming = Request(method, path, query, fields)
        request.keep_alive = is_current and parser.should_keep_alive()
        self._phase = BODY
        self._pending_bytes = 0
        self._pieces = None
        self._wanted_bytes = wanted = self._state.application.accept(request)
        if self._clock is not None:
            self._stop_clock()
        length = request.headers.get(b"content-length")
        if not wanted or (length is not None and int(length) > wanted):
            self._answer_early(request)

    def on_body(self, body: bytes) -> None:
        request = self._incoming
        if request is None or not self._wanted_bytes:
            return
        self._pending_bytes = 0
        if request.body is None and self._pieces is None:
            request.body = body
            size = len(body)
        else:
            size = self._add_piece(request, body)
        if size > self._wanted_bytes:
            self._answer_early(request)

    def on_message_complete(self) -> None:
        if self._phase is HEAD:
            return  # the parser takes a request for an upgrade to have no body
        self._phase = IDLE
        self._pending_bytes = 0
        if self._clock is not None:
            self._stop_clock()
        request, self._incoming = self._incoming, None
        if self._wanted_bytes and request is not None:
            if self._pieces is not None:
                request.body = self._pieces.joined()
                self._pieces = None
            elif request.body is None:
                request.body = b""
            self._waiting.append(request)
        elif self._running is None and not self._waiting:
            self._await_request()

    # What the server calls

    def shutdown(self) -> None:
        """The server goes down: finish what runs, wait a moment for what may be on its way, then close.

        Calling it again changes nothing, so a server may repeat it for connections that were just being accepted.
        """
        if self._is_draining or self._is_closing:
            return
        self._is_draining = True
        if self._running is None and self._phase is IDLE:
            self._await_request()

    def end(self) -> None:
        """The server has gone: send what is written, then close."""
        self._close()

    @property
    def is_receiving(self) -> bool:
        """Whether the client is in the middle of sending a request, or of something that was to be one."""
        return (self._phase is not IDLE or self._refusal is not None) and not self._has_ended

    # How a request is read

    def _note(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            self._host_count += 1
        elif name == b"expect":
            self._expects_continue = value.lower() == b"100-continue"
        else:
            check_transfer_encoding(value)

    def _feed(self, data: bytes | memoryview) -> memoryview | None:
        """Read; what follows a request that asks for an upgrade is returned."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return memoryview(data)[upgrade.args[0] :]
        return None

    def _feed_plainly(self, rest: memoryview) -> memoryview | None:
        """Read a request that asks for an upgrade (as Java's client does, to h2c) again without, then what follows."""
        method, version = self._parser.get_method(), self._parser.get_http_version()
        head = without_upgrade(method, self._url, version, self._fields)
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(head)
        return self._feed(rest)

    def _check_head(self) -> bool:
        """Refuse what the parser lets through and a proxy before us may read otherwise; bring the target in form.

        Returns whether the version is the current one, HTTP/1.1.
        """
        if self._pending_bytes > self.limits.header_bytes or len(self._fields) > self.limits.header_count:
            check_head_size(self._url, self._fields, 0, self.limits)
        version = self._parser.get_http_version()
        if version != "1.1":
            check_old_version(version, [name for name, _ in self._fields])
            self._expects_continue = False
        elif self._host_count != 1:
            raise malformed(f"expected exactly one Host header, got {self._host_count}")
        if not self._url.startswith(b"/") or b"#" in self._url:
            self._url = origin_form(self._url, self._parser.get_method())
        return bool(version == "1.1")

    def _add_piece(self, request: Request, body: bytes) -> int:
        """Keep a further piece of a body. Returns the bytes that are here."""
        if self._pieces is None:
            self._pieces = Pieces(request.body or b"")
            request.body = None
        return self._pieces.add(body)

    def _answer_early(self, request: Request) -> None:
        """Nobody reads the rest of the body: the request can be answered without it."""
        request.body = self._pieces = None
        self._wanted_bytes = 0
        self._expects_continue = False
        self._waiting.append(request)

    @property
    def _is_second_arriving(self) -> bool:
        """Whether the body of another request arrives than of the one that runs: it can wait in the network."""
        return self._phase is BODY and self._incoming is not self._running

    def _watch(self) -> None:
        """After bytes that left a request incomplete: is it too large by now, and until when must more come?"""
        if self._phase is BODY:
            self._check_unread()
            self._heard_s = self.loop.time()
            self._start_clock_once(self.limits.body_timeout_s, self._end_body)
            self._ask_for_body()
        elif self._phase is HEAD:
            check_head_size(self._url, self._fields, self._pending_bytes - self._first_bytes, self.limits)
            self._start_clock_once(self.limits.header_timeout_s, self._end_head)
        elif self._pending_bytes > self.limits.header_bytes:
            raise malformed("expected a request, got only line ends")
        elif self._running is None and not self._waiting:
            self._start_clock_once(self.limits.header_timeout_s, self._end_head)

    def _check_unread(self) -> None:
        if not self._wanted_bytes:
            if self._pending_bytes > self.limits.body_bytes:
                self._close()
        elif self._pending_bytes > self.limits.header_bytes:
            info = f"expected at most {self.limits.header_bytes} bytes of chunk extension or trailers, got more"
            raise Refusal(431, "HEADERS_TOO_LARGE", info)

    def _ask_for_body(self) -> None:
        """Tell a client that waits for it that its body is welcome, once everything before it is answered."""
        if self._expects_continue and self._running is None and not self._waiting:
            self._expects_continue = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._heard_s = self.loop.time()

    def _pause_reading(self) -> None:
        if not self._is_reading_paused and not self._is_closing:
            self._is_reading_paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """End a pause of our own; the client could not be heard in it."""
        if not self._is_reading_paused:
            return
        self._is_reading_paused = False
        self._transport.resume_reading()
        self._heard_s = self.loop.time()
        if self._phase is HEAD and self._clock is not None:
            self._start_clock(self.limits.header_timeout_s, self._end_head)

    # How a request is answered

    def _run_next(self) -> None:
        if not self._waiting or self._running is not None or self._is_writing_paused or self._is_closing:
            return
        self._running = self._waiting.popleft()
        self._task = self.loop.create_task(self._respond(self._running))
        self._state.tasks.add(self._task)

    async def _respond(self, request: Request) -> None:
        try:
            reply = await self._state.application(request)
            self._send(request, reply)
        except Exception:
            logger.exception("a request failed where it should not")
            self._send(request, Reply(500, b"content-length: 0\r\n", b"", closes=True))
        finally:
            self._state.total_requests += 1
            self._state.tasks.discard(self._task)
            self._running = self._task = None
        self._go_on(request)

    def _send(self, request: Request, reply: Reply) -> None:
        if self._is_closing:
            return
        if reply.closes or (self._is_draining and not self._waiting and self._phase is IDLE):
            request.keep_alive = False
        end = b"\r\n" if request.keep_alive else b"connection: close\r\n\r\n"
        head = (STATUS_LINES[reply.status], self._state.date_line, reply.head, end)
        if request.method == "HEAD":
            self._transport.write(b"".join(head))
        elif len(reply.body) < LARGE_BYTES:
            self._transport.write(b"".join((*head, reply.body)))
        else:
            self._transport.writelines((b"".join(head), reply.body))

    def _go_on(self, request: Request) -> None:
        """After an answer: what is next?"""
        if self._is_closing:
            return
        if not request.keep_alive:
            self._close()
        elif self._waiting:
            self._run_next()
        elif self._refusal is not None:
            self._part(self._refusal)
        else:
            self.resume_reading()
            self._ask_for_body()
            if self._phase is IDLE:
                self._await_request()

    # How a request is refused

    def _refuse(self, refusal: Refusal) -> None:
        """Answer it when the requests before it are answered; nothing more is read."""
        if self._refusal is not None or self._is_closing:
            return
        logger.debug("refused a request with %d: %s", refusal.status, refusal)
        self._state.count_refusal(refusal.reason)
        self._stop_clock()
        self._refusal = refusal
        self._pause_reading()
        if self._phase is BODY and not self._wanted_bytes:
            self._refuse_begun()
        if self._running is None and not self._waiting and not self._is_closing:
            self._part(refusal)

    def _refuse_begun(self) -> None:
        """The request that cannot go on has its answer already, or will have it: there is one for each."""
        if self._waiting and self._waiting[-1] is self._incoming:
            self._waiting.pop()
        elif self._running is not None and self._running is self._incoming:
            self._running.keep_alive = False
        else:
            self._close()

    def _part(self, refusal: Refusal) -> None:
        self._transport.write(refusal.answer())
        self._close()

    def _close(self) -> None:
        """Send what is written, then close; nothing is read as a request, and nothing written any more."""
        if self._is_closing:
            return
        self._is_closing = True
        self._waiting.clear()
        if self.is_receiving:
            Farewell(self._transport, self)
        else:
            self._transport.close()
            self.await_reader()  # closing waits until everything is sent

    # How long is waited

    def _await_request(self) -> None:
        """Nothing runs and nothing arrives: wait for a request, only for a moment when the server goes down."""
        self._idle_since_s = self.loop.time()
        if self._is_draining:
            self._start_clock(self.limits.drain_grace_s, self._close)
        elif self._idle_clock is None:
            # One for the whole connection: to start and stop one for each request costs more than all checks here.
            self._idle_clock = self.loop.call_later(self.limits.keep_alive_s, self._end_idle)

    def _end_idle(self) -> None:
        is_idle = self._phase is IDLE and self._running is None and not self._waiting
        idle_s = self.loop.time() - self._idle_since_s if is_idle else 0
        if idle_s < self.limits.keep_alive_s:
            self._idle_clock = self.loop.call_later(self.limits.keep_alive_s - idle_s, self._end_idle)
        else:
            self._close()

    def _end_head(self) -> None:
        self._clock = None
        if self._is_reading_paused:
            self._start_clock(self.limits.header_timeout_s, self._end_head)
        elif self._phase is HEAD:
            info = f"expected complete headers within {self.limits.header_timeout_s:g} s, got only a part of them"
            self._refuse(Refusal(408, "HEADER_TIMEOUT", info))
        else:
            self._close()

    def _end_body(self) -> None:
        self._clock = None
        if self._is_reading_paused or self._expects_continue:
            self._heard_s = self.loop.time()  # it is we who keep the client waiting
        left_s = self._heard_s + self.limits.body_timeout_s - self.loop.time()
        if left_s > 0:
            self._start_clock(left_s, self._end_body)
        else:
            info = f"expected more of the body within {self.limits.body_timeout_s:g} s, got nothing"
            self._refuse(Refusal(408, "BODY_TIMEOUT", info))

    def await_reader(self) -> None:
        """Something may be left that the client has not read: drop it when none of it goes in a while."""
        if self._reader_clock is None and (unsent_bytes := self._transport.get_write_buffer_size()):
            self._start_reader_clock(unsent_bytes)

    def _start_reader_clock(self, unsent_bytes: int) -> None:
        self._reader_clock = self.loop.call_later(self.limits.body_timeout_s, self._end_reader, unsent_bytes)

    def _end_reader(self, before_bytes: int) -> None:
        self._reader_clock = None
        unsent_bytes = self._transport.get_write_buffer_size()
        if unsent_bytes >= before_bytes:
            self._transport.abort()
        elif unsent_bytes:
            self._start_reader_clock(unsent_bytes)

    def _start_clock(self, delay_s: float, ring: Callable[[], None]) -> None:
        self._stop_clock()
        self._clock = self.loop.call_later(delay_s, ring)

    def _start_clock_once(self, delay_s: float, ring: Callable[[], None]) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(delay_s, ring)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
