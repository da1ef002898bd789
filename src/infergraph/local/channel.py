"""The control channel between a supervisor and one worker: messages over a pair of sockets."""

import asyncio
import contextlib
import select
import socket
import threading
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any, Generic, TypeVar

import msgspec

Message = TypeVar("Message")

READ_BYTES = 1 << 16
HEAD_BYTES = 4
WAITING_BYTES = 1 << 20
"""What may wait until the other side reads it; above that, messages that can be done without are dropped."""
PATIENCE_S = 1.0


class Channel(Generic[Message]):
    """One end, in an event loop; ``incoming`` is the type of the messages that come from the other end.

    Sending never blocks, and may be done from any thread: what the other end does not take now waits.
    """

    def __init__(self, end: socket.socket, incoming: Any) -> None:
        end.setblocking(False)  # noqa: FBT003 - the standard library's way
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(incoming, dec_hook=decoded)
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._lock = threading.Lock()
        self._is_closed = False

    def fileno(self) -> int:
        """The file descriptor of this end."""
        return self._end.fileno()

    def send(self, message: Any, *, is_droppable: bool = False) -> bool:
        """Send, now or when the other end reads; nothing happens when it is gone. Returns False when it is dropped."""
        if is_droppable and self._waiting_bytes > WAITING_BYTES:
            return False
        data = encoder.encode(message)
        self._waiting.append(len(data).to_bytes(HEAD_BYTES, "big") + data)
        self._waiting_bytes += len(data)
        self._flush()
        return True

    async def messages(self) -> AsyncIterator[Message]:
        """What the other end says, until it is gone."""
        received = bytearray()
        while data := await self._read():
            received += data
            while (message := self._taken(received)) is not None:
                yield message

    def wait(self, most_bytes: int) -> None:
        """Wait until no more than this waits for the other end, or until that has had a while to take it."""
        end_s = monotonic() + PATIENCE_S
        while self._waiting and self._waiting_bytes > most_bytes and (left_s := end_s - monotonic()) > 0:
            poll = select.poll()
            poll.register(self._end, select.POLLOUT)
            poll.poll(left_s * 1000)
            self._flush()

    def close(self) -> None:
        """The other end sees that this one is gone."""
        if not self._is_closed:
            self._is_closed = True
            self._loop.remove_writer(self._end)
            self._end.close()

    async def _read(self) -> bytes:
        try:
            return await self._loop.sock_recv(self._end, READ_BYTES)
        except OSError:  # reset, or closed here
            return b""

    def _taken(self, received: bytearray) -> Message | None:
        """The first message, taken out of the bytes; None when it is not complete."""
        end = HEAD_BYTES + int.from_bytes(received[:HEAD_BYTES], "big")
        if len(received) < max(end, HEAD_BYTES):
            return None
        message = self._decoder.decode(bytes(received[HEAD_BYTES:end]))
        del received[:end]
        return message

    def _flush(self) -> None:
        """Send what waits. Whoever comes while another thread is at it leaves its message to that one."""
        is_full = False
        while self._waiting and not is_full and self._lock.acquire(blocking=False):
            try:
                is_full = not self._send_waiting()
            finally:
                self._lock.release()
        if is_full and not self._is_closed:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
                self._loop.call_soon_threadsafe(self._await_room)

    def _send_waiting(self) -> bool:
        """Send until nothing waits. Returns False when the other end has to read first."""
        while self._waiting:
            frame = self._waiting.popleft()
            sent = self._sent(frame)
            if sent < len(frame):
                self._waiting.appendleft(frame[sent:])
                return False
            self._waiting_bytes -= len(frame) - HEAD_BYTES
        self._waiting_bytes = 0
        return True

    def _sent(self, frame: bytes) -> int:
        """How many bytes were taken; all of them when nobody is there to take any."""
        try:
            return self._end.send(frame)
        except BlockingIOError:
            return 0
        except OSError:
            return len(frame)

    def _await_room(self) -> None:
        if not self._is_closed:
            self._loop.add_writer(self._end, self._go_on)

    def _go_on(self) -> None:
        self._loop.remove_writer(self._end)
        self._flush()


def _encoded(value: Any) -> str:
    """A path as text; anything else is in a log event only, and written as it would be there."""
    return str(value) if isinstance(value, Path) else repr(value)


def decoded(kind: Any, value: Any) -> Any:
    """What msgspec does not know by itself: a path, out of its text."""
    return kind(value)


encoder = msgspec.msgpack.Encoder(enc_hook=_encoded)
