"""One HTTP connection: uvicorn's, with the limits, the refusals and the patience that uvicorn leaves out.

What is refused here never reaches the application: requests that are not HTTP/1.1 to the letter (two readings of one
request are how requests are smuggled past a proxy), that are too large in their headers, or that do not arrive.
"""

import asyncio
import enum
import logging
from collections.abc import Callable
from itertools import chain
from typing import Any, ClassVar

import httptools
import msgspec
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from infergraph.servers.limits import Limits

logger = logging.getLogger("infergraph.connection")


class Refusal(Exception):
    """Raised when a request ends here, before the application: ``status`` is HTTP's, ``str(error)`` for the caller."""

    def __init__(self, status: int, reason: str, info: str) -> None:
        super().__init__(info)
        self.status = status
        self.reason = reason

    def answer(self) -> bytes:
        """The whole answer as bytes on the wire, in the form of the v1 protocol; the connection closes after it."""
        info = {"code": self.status, "info": str(self), "reason": self.reason, "status": "FAILURE"}
        body = msgspec.json.encode({"status": info})
        length = b"content-length: %d\r\n" % len(body)
        headers = b"content-type: application/json\r\n%bconnection: close\r\n\r\n" % length
        return STATUS_LINE[self.status] + headers + body


def malformed(info: str) -> Refusal:
    """What is not HTTP/1.1 to the letter (RFC 9110, RFC 9112)."""
    return Refusal(400, "MALFORMED_HTTP", info)


class Phase(enum.Enum):
    """What of a request the next byte belongs to."""

    IDLE = enum.auto()
    """None: the last one is complete, whether answered or not."""
    HEAD = enum.auto()
    """Its request line and headers."""
    BODY = enum.auto()
    """Its body, wanted or not."""


NOTED = frozenset((b"host", b"expect", b"transfer-encoding"))

# Looking up a member costs more than everything else that is done with it.
IDLE, HEAD, BODY = Phase


class Connection(HttpToolsProtocol):
    """One connection of a server with the default `Limits`; `connection_class` gives the class for others.

    The answers of refused requests keep their place in the order of pipelined requests. An answer that ends while its
    request is still arriving (a 413 with ``connection: close``) is read by the client: see `Farewell`.
    """

    # Slots, as instances with more than 30 attributes in their dictionary (uvicorn has 28) become slow to look into.
    __slots__ = (
        "_clock",
        "_first_bytes",
        "_fresh_bytes",
        "_has_ended",
        "_heard_s",
        "_host_count",
        "_idle_clock",
        "_idle_since_s",
        "_is_draining",
        "_pending_bytes",
        "_phase",
        "_reader_clock",
        "_refusal",
        "_running",
    )

    limits: ClassVar[Limits] = Limits()

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        # A request for another protocol is read as the plain request that it also is.
        self.ws_protocol_class = None
        # uvicorn is lenient so that rubbish after the last request does not cost its answer; here it never does.
        self.parser = httptools.HttpRequestParser(self)
        self._phase = IDLE
        # Bytes since a request began or the parser last got somewhere: what a head, a chunk extension, trailers or an
        # unwanted body have piled up. A head may have begun anywhere in the first bytes that are counted for it.
        self._pending_bytes = 0
        self._first_bytes = 0
        self._fresh_bytes = 0
        self._host_count = 0
        self._heard_s = 0.0
        self._clock: asyncio.TimerHandle | None = None
        self._idle_since_s = 0.0
        self._idle_clock: asyncio.TimerHandle | None = None
        self._reader_clock: asyncio.TimerHandle | None = None
        self._running: RequestResponseCycle | None = None
        self._refusal: Refusal | None = None
        self._has_ended = False
        self._is_draining = False

    # What the transport calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected, and has `Limits.header_timeout_s` to say what it wants."""
        super().connection_made(LingeringTransport(transport, self))
        self._start_clock(self.limits.header_timeout_s, self._end_head)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; a request that still runs learns it from ``http.disconnect``."""
        self._stop_clock()
        for clock in (self._idle_clock, self._reader_clock):
            if clock is not None:
                clock.cancel()
        if self._running is not None:
            _disconnect(self._running)  # uvicorn tells the last request only, which may wait in the pipeline
        super().connection_lost(exc)

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
            self._refuse(_refusal_of(error))

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """The client sends no more, but may still read (TLS cannot half-close): what runs is answered, then closed."""
        self._has_ended = True
        if self._phase is not IDLE:
            self._refuse(malformed("expected a complete request, but the client stopped sending in the middle of it"))
        elif self._is_running:
            self.cycle.keep_alive = False
        return self._is_running and self.transport.can_write_eof()

    def pause_writing(self) -> None:
        """More of an answer is written than the client has read: how long may it take to read on?"""
        super().pause_writing()
        self.await_reader()

    # What the parser calls

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._phase = HEAD
        self._host_count = 0
        self._pending_bytes = self._first_bytes = self._fresh_bytes
        if self._is_draining:
            self._stop_clock()  # the grace: what it waited for has come

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name in NOTED:
            self._note(name, value)
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            _check_no_tunnel(self.parser.get_method(), self.url)
            return  # `_feed_plainly` sees to it
        self._check_head()
        super().on_headers_complete()
        if not self.pipeline:
            self._running = self.cycle
        # Trailers must not look like headers, and the application has the list of these.
        self.headers = []
        self._phase = BODY
        self._pending_bytes = 0
        if self._clock is not None:
            self._stop_clock()
        if self._is_draining:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        cycle = self.cycle
        if cycle.response_complete:
            return
        self._pending_bytes = 0
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        if self._phase is HEAD:
            return  # the parser takes a request for an upgrade to have no body
        self._phase = IDLE
        self._pending_bytes = 0
        if self._clock is not None:
            self._stop_clock()
        cycle = self.cycle
        if cycle.response_complete:
            self._await_request()
            return
        cycle.more_body = False
        cycle.message_event.set()

    # What the server and the running request call

    def shutdown(self) -> None:
        """The server goes down: finish what runs, wait a moment for what may be on its way, then close.

        Calling it again changes nothing, so a server may repeat it for connections that were just being accepted.
        """
        if self._is_draining or self.transport.is_closing():
            return
        self._is_draining = True
        if not self._is_running:
            if self._phase is IDLE:
                self._await_request()
        elif not self.cycle.response_started:
            self.cycle.keep_alive = False

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._running, app = self.pipeline.pop()
            self._start_asgi_task(self._running, app)
        elif self._refusal is not None:
            self._part(self._refusal)
        elif self._phase is IDLE:
            self._await_request()

    @property
    def is_receiving(self) -> bool:
        """Whether the client is in the middle of sending a request, or of something that was to be one."""
        return (self._phase is not IDLE or self._refusal is not None) and not self._has_ended

    def reading_resumed(self) -> None:
        """A pause of our own has ended; the client could not be heard in it."""
        self._heard_s = self.loop.time()
        if self._phase is HEAD and self._clock is not None:
            self._start_clock(self.limits.header_timeout_s, self._end_head)

    # How a request is read

    @property
    def _is_running(self) -> bool:
        return self._running is not None and not self._running.response_complete

    def _note(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            self._host_count += 1
        elif name == b"expect":
            self.expect_100_continue = value.lower() == b"100-continue"
        else:
            _check_transfer_encoding(value)

    def _feed(self, data: bytes | memoryview) -> memoryview | None:
        """Read; what follows a request that asks for an upgrade is returned."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return memoryview(data)[upgrade.args[0] :]
        return None

    def _feed_plainly(self, rest: memoryview) -> memoryview | None:
        """Read a request that asks for an upgrade (as Java's client does, to h2c) again without, then what follows."""
        head = self._head_without_upgrade()
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(head)
        return self._feed(rest)

    def _head_without_upgrade(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, version)]
        lines += [b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        return b"".join([*lines, b"\r\n"])

    def _check_head(self) -> None:
        """Refuse what the parser lets through and a proxy before us may read otherwise; bring the target in form."""
        if self._pending_bytes > self.limits.header_bytes or len(self.headers) > self.limits.header_count:
            self._check_head_size(0)
        version = self.parser.get_http_version()
        if version != "1.1":
            _check_old_version(version, [name for name, _ in self.headers])
        elif self._host_count != 1:
            raise malformed(f"expected exactly one Host header, got {self._host_count}")
        if not self.url.startswith(b"/") or b"#" in self.url:
            self.url = _origin_form(self.url, self.parser.get_method())

    def _check_head_size(self, pending_bytes: int) -> None:
        count, limits = len(self.headers), self.limits
        # Four bytes a line: colon, space and line end.
        size_bytes = sum(map(len, chain.from_iterable(self.headers))) + 4 * count + len(self.url)
        if count > limits.header_count:
            info = f"expected at most {limits.header_count} headers, got more"
        elif max(size_bytes, pending_bytes) > limits.header_bytes:
            info = f"expected at most {limits.header_bytes} bytes of request line and headers, got more"
        else:
            return
        raise Refusal(431, "HEADERS_TOO_LARGE", info)

    def _watch(self) -> None:
        """After bytes that left a request incomplete: is it too large by now, and until when must more come?"""
        if self._phase is BODY:
            self._check_unread()
            self._heard_s = self.loop.time()
            self._start_clock_once(self.limits.body_timeout_s, self._end_body)
        elif self._phase is HEAD:
            self._check_head_size(self._pending_bytes - self._first_bytes)
            self._start_clock_once(self.limits.header_timeout_s, self._end_head)
        elif self._pending_bytes > self.limits.header_bytes:
            raise malformed("expected a request, got only line ends")
        elif not self._is_running:
            self._start_clock_once(self.limits.header_timeout_s, self._end_head)

    def _check_unread(self) -> None:
        if self.cycle.response_complete:
            if self._pending_bytes > self.limits.body_bytes:
                self.transport.close()
        elif self._pending_bytes > self.limits.header_bytes:
            info = f"expected at most {self.limits.header_bytes} bytes of chunk extension or trailers, got more"
            raise Refusal(431, "HEADERS_TOO_LARGE", info)

    # How a request is refused

    def _refuse(self, refusal: Refusal) -> None:
        """Answer it when the requests before it are answered; nothing more is read."""
        if self._refusal is not None or self.transport.is_closing():
            return
        logger.debug("refused a request of %s with %d: %s", self.client, refusal.status, refusal)
        self._stop_clock()
        self._refusal = refusal
        self.flow.pause_reading()
        if self._phase is BODY:
            self._refuse_begun(refusal)
        elif not self._is_running:
            self._part(refusal)

    def _refuse_begun(self, refusal: Refusal) -> None:
        """The application has this one already, or will once those before it in the pipeline are answered."""
        cycle = self.cycle
        _disconnect(cycle)
        if self.pipeline:
            self.pipeline.popleft()
            self.cycle = self.pipeline[0][0] if self.pipeline else self._running  # type: ignore[assignment]
        elif cycle.response_started:
            self.transport.close()  # what was sent cannot be taken back; the missing end says that it failed
        else:
            self._part(refusal)

    def _part(self, refusal: Refusal) -> None:
        self.transport.write(refusal.answer())
        self.transport.close()

    # How long is waited

    def _await_request(self) -> None:
        """Nothing runs and nothing arrives: wait for a request, only for a moment when the server goes down."""
        self._idle_since_s = self.loop.time()
        if self._is_draining:
            self._start_clock(self.limits.drain_grace_s, self.transport.close)
        elif self._idle_clock is None:
            # One for the whole connection: to start and stop one for each request costs more than all checks here.
            self._idle_clock = self.loop.call_later(self.limits.keep_alive_s, self._end_idle)

    def _end_idle(self) -> None:
        is_idle = self._phase is IDLE and not self._is_running
        idle_s = self.loop.time() - self._idle_since_s if is_idle else 0
        if idle_s < self.limits.keep_alive_s:
            self._idle_clock = self.loop.call_later(self.limits.keep_alive_s - idle_s, self._end_idle)
        else:
            self.transport.close()

    def _end_head(self) -> None:
        self._clock = None
        if self.flow.read_paused:
            self._start_clock(self.limits.header_timeout_s, self._end_head)
        elif self._phase is HEAD:
            info = f"expected complete headers within {self.limits.header_timeout_s:g} s, got only a part of them"
            self._refuse(Refusal(408, "HEADER_TIMEOUT", info))
        else:
            self.transport.close()

    def _end_body(self) -> None:
        self._clock = None
        if self.flow.read_paused or self.cycle.waiting_for_100_continue:
            self._heard_s = self.loop.time()  # it is we who keep the client waiting
        left_s = self._heard_s + self.limits.body_timeout_s - self.loop.time()
        if left_s > 0:
            self._start_clock(left_s, self._end_body)
        else:
            info = f"expected more of the body within {self.limits.body_timeout_s:g} s, got nothing"
            self._refuse(Refusal(408, "BODY_TIMEOUT", info))

    def await_reader(self) -> None:
        """Something may be left that the client has not read: drop it when none of it goes in a while."""
        if self._reader_clock is None and (unsent_bytes := self.transport.get_write_buffer_size()):
            self._start_reader_clock(unsent_bytes)

    def _start_reader_clock(self, unsent_bytes: int) -> None:
        self._reader_clock = self.loop.call_later(self.limits.body_timeout_s, self._end_reader, unsent_bytes)

    def _end_reader(self, before_bytes: int) -> None:
        self._reader_clock = None
        unsent_bytes = self.transport.get_write_buffer_size()
        if unsent_bytes >= before_bytes:
            self.transport.abort()
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


def connection_class(limits: Limits) -> type[Connection]:
    """The class of connections with these limits, for ``uvicorn.Config(http=connection_class(limits))``."""

    class LimitedConnection(Connection):
        pass

    LimitedConnection.limits = limits
    return LimitedConnection


class LingeringTransport(asyncio.Transport):
    """A transport whose ``close`` says `Farewell` when the client is in the middle of sending."""

    def __init__(self, transport: asyncio.Transport, connection: Connection) -> None:
        super().__init__()
        self._transport = transport
        self._connection = connection
        self._is_parting = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, unless it is over."""
        if not self._is_parting:
            self._transport.write(data)

    def close(self) -> None:
        """Send what is written, then close; nothing may be written any more."""
        if self.is_closing():
            return
        self._is_parting = True
        if self._connection.is_receiving:
            Farewell(self._transport, self._connection)
        else:
            self._transport.close()
            self._connection.await_reader()  # closing waits until everything is sent

    def abort(self) -> None:
        """Close at once; what is not sent is lost."""
        self._is_parting = True
        self._transport.abort()

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size()

    def is_closing(self) -> bool:
        return self._is_parting or self._transport.is_closing()

    def can_write_eof(self) -> bool:
        return self._transport.can_write_eof()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()
        self._connection.reading_resumed()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)


class Farewell(asyncio.Protocol):
    """The end of a connection whose client is still sending: reads and forgets, so that the client reads its answer.

    Closing a socket with unread bytes in it sends a reset, which takes the answer away from a client that has not read
    it yet. It ends when the client closes, after `Limits.linger_s`, or after `Limits.body_bytes`.
    """

    def __init__(self, transport: asyncio.Transport, connection: Connection) -> None:
        self._transport = transport
        self._connection = connection
        self._left_bytes = connection.limits.body_bytes
        transport.set_protocol(self)
        connection.flow.resume_reading()
        if transport.can_write_eof():
            transport.write_eof()
        self._clock = connection.loop.call_later(connection.limits.linger_s, self._end)

    def data_received(self, data: bytes) -> None:
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        self._clock.cancel()
        self._connection.connection_lost(exc)

    def _end(self) -> None:
        self._transport.close()
        self._connection.await_reader()

    def pause_writing(self) -> None:
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        self._connection.resume_writing()


def _disconnect(cycle: RequestResponseCycle) -> None:
    """Tell the application that nobody waits for this answer; whatever it still sends is dropped."""
    if not cycle.response_complete:
        cycle.disconnected = True
        cycle.message_event.set()


def _refusal_of(error: httptools.HttpParserError) -> Refusal:
    """What the parser's error means to the caller; it wraps what its callbacks raise."""
    cause = error.__context__ if isinstance(error, httptools.HttpParserCallbackError) else error
    if isinstance(cause, Refusal):
        return cause
    if isinstance(cause, httptools.HttpParserError):
        return malformed(f"expected an HTTP/1.1 request, got what cannot be read as one: {cause}")
    logger.error("a connection failed where it should not", exc_info=cause)
    return Refusal(500, "INTERNAL_ERROR", "the server failed while it read the request; its log says how")


def _check_no_tunnel(method: bytes, url: bytes) -> None:
    if method == b"CONNECT":
        raise malformed(f"expected a request for a path of this server, got CONNECT {_shown(url)}; this is no proxy")


def _check_old_version(version: str, names: list[bytes]) -> None:
    if version != "1.0":
        raise malformed(f"expected HTTP/1.1 or HTTP/1.0, got HTTP/{version}")
    if b"transfer-encoding" in names:
        raise malformed("expected a Content-Length, got Transfer-Encoding, which HTTP/1.0 does not have")


def _check_transfer_encoding(value: bytes) -> None:
    if value.strip(b" \t").lower() != b"chunked":
        raise malformed(
            f"expected chunked as the Transfer-Encoding, got {_shown(value)}; compress with Content-Encoding"
        )


def _origin_form(url: bytes, method: bytes) -> bytes:
    """Path and query of a request target that is none: ``http://host/path?query``, or ``*`` (RFC 9112 section 3.2)."""
    if method == b"OPTIONS" and url == b"*":
        return b"/"
    try:
        target: Any = httptools.parse_url(url)  # absent parts are None, whatever its types say
    except httptools.HttpParserInvalidURLError:
        raise _bad_target(url) from None
    if target.fragment is not None or target.schema is None or target.schema.lower() not in {b"http", b"https"}:
        raise _bad_target(url)
    query = b"" if target.query is None else b"?" + target.query
    return (target.path or b"/") + query


def _bad_target(url: bytes) -> Refusal:
    return malformed(f"expected a path such as /api/v1.0/predictions as the request target, got {_shown(url)}")


def _shown(value: bytes) -> str:
    """What came, for a message: printable, and no longer than a line."""
    return repr(value[:80].decode("latin-1"))
