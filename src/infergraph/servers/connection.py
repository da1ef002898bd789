"""One HTTP connection: uvicorn's, with the limits, the refusals and the patience that uvicorn leaves out.

What is refused here never reaches the application: requests that are not HTTP/1.1 to the letter (two readings of one
request are how requests are smuggled past a proxy), that are too large in their headers, or that do not arrive.
"""

import asyncio
import enum
import logging
from collections.abc import Callable
from typing import Any, ClassVar

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from infergraph.servers.farewell import LingeringTransport
from infergraph.servers.limits import Limits
from infergraph.servers.refusal import Refusal, malformed, refusal_of
from infergraph.servers.request_head import (
    check_head_size,
    check_no_tunnel,
    check_old_version,
    check_transfer_encoding,
    origin_form,
    without_upgrade,
)

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

# Looking up a member costs more than everything else that is done with it.
IDLE, HEAD, BODY = Phase


class Connection(HttpToolsProtocol):
    """One connection of a server with the default `Limits`; `connection_class` gives the class for others.

    The answers of refused requests keep their place in the order of pipelined requests. An answer that ends while its
    request is still arriving (a 413 with ``connection: close``) is read by the client: see `farewell`.
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
            self._refuse(refusal_of(error))

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
            check_no_tunnel(self.parser.get_method(), self.url)
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
            check_transfer_encoding(value)

    def _feed(self, data: bytes | memoryview) -> memoryview | None:
        """Read; what follows a request that asks for an upgrade is returned."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return memoryview(data)[upgrade.args[0] :]
        return None

    def _feed_plainly(self, rest: memoryview) -> memoryview | None:
        """Read a request that asks for an upgrade (as Java's client does, to h2c) again without, then what follows."""
        method, version = self.parser.get_method(), self.parser.get_http_version()
        head = without_upgrade(method, self.url, version, self.headers)
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(head)
        return self._feed(rest)

    def _check_head(self) -> None:
        """Refuse what the parser lets through and a proxy before us may read otherwise; bring the target in form."""
        if self._pending_bytes > self.limits.header_bytes or len(self.headers) > self.limits.header_count:
            check_head_size(self.url, self.headers, 0, self.limits)
        version = self.parser.get_http_version()
        if version != "1.1":
            check_old_version(version, [name for name, _ in self.headers])
        elif self._host_count != 1:
            raise malformed(f"expected exactly one Host header, got {self._host_count}")
        if not self.url.startswith(b"/") or b"#" in self.url:
            self.url = origin_form(self.url, self.parser.get_method())

    def _watch(self) -> None:
        """After bytes that left a request incomplete: is it too large by now, and until when must more come?"""
        if self._phase is BODY:
            self._check_unread()
            self._heard_s = self.loop.time()
            self._start_clock_once(self.limits.body_timeout_s, self._end_body)
        elif self._phase is HEAD:
            check_head_size(self.url, self.headers, self._pending_bytes - self._first_bytes, self.limits)
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

    @staticmethod
    def count_refusal(reason: str) -> None:
        """Where refusals are counted; `connection_class` sets it."""

    def _refuse(self, refusal: Refusal) -> None:
        """Answer it when the requests before it are answered; nothing more is read."""
        if self._refusal is not None or self.transport.is_closing():
            return
        logger.debug("refused a request of %s with %d: %s", self.client, refusal.status, refusal)
        self.count_refusal(refusal.reason)
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


def connection_class(
    limits: Limits, count_refusal: Callable[[str], None] = Connection.count_refusal
) -> type[Connection]:
    """The class of connections with these limits, for ``uvicorn.Config(http=connection_class(limits))``.

    ``count_refusal`` is told the reason when a request ends before it reaches the application.
    """

    class LimitedConnection(Connection):
        pass

    LimitedConnection.limits = limits
    LimitedConnection.count_refusal = staticmethod(count_refusal)  # type: ignore[assignment]
    return LimitedConnection


def _disconnect(cycle: RequestResponseCycle) -> None:
    """Tell the application that nobody waits for this answer; whatever it still sends is dropped."""
    if not cycle.response_complete:
        cycle.disconnected = True
        cycle.message_event.set()
