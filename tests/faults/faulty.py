"""A component that answers what it is told to, right or wrong, over a real socket."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable

Behaviour = Callable[[socket.socket, bytes], None]
"""What happens to a connection whose request was read; it is closed then."""


def answer(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    """A whole HTTP answer."""
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{more}content-length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Faulty:
    """Listens until the block ends; each request meets ``behaviour``."""

    def __init__(self, good: bytes) -> None:
        self._good = answer(good)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self.behaviour: Behaviour | None = None

    def __enter__(self) -> "Faulty":
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def say(self, text: bytes) -> None:
        """From now on every request is answered so, and then the connection is closed."""
        self.behaviour = sending(text)

    def recover(self) -> None:
        """From now on every request has the good answer, over connections that stay open."""
        self.behaviour = None

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self._connections.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError), connection:
            while True:
                request = _request(connection)
                if self.behaviour is not None:
                    self.behaviour(connection, request)
                    return
                connection.sendall(self._good)


def _request(connection: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got or len(got) < _length(got):
        part = connection.recv(65536)
        if not part:
            raise EOFError
        got += part
    return got


def _length(got: bytes) -> int:
    head = got.partition(b"\r\n\r\n")[0]
    sizes = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return len(head) + 4 + int(sizes[0] if sizes else b"0")


def sending(text: bytes) -> Behaviour:
    """Say this, and close."""
    return lambda connection, _: connection.sendall(text)


def resetting(text: bytes) -> Behaviour:
    """Say this, and reset the connection."""

    def run(connection: socket.socket, _: bytes) -> None:
        connection.sendall(text)
        time.sleep(0.05)  # a reset takes what is still on its way with it
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return run


def silent(text: bytes = b"") -> Behaviour:
    """Say this, and nothing more until the other side goes."""

    def run(connection: socket.socket, _: bytes) -> None:
        connection.sendall(text)
        while connection.recv(65536):
            pass

    return run


def dripping(text: bytes, pause_s: float = 0.02) -> Behaviour:
    """Say this a byte at a time."""

    def run(connection: socket.socket, _: bytes) -> None:
        for byte in text:
            connection.sendall(bytes([byte]))
            time.sleep(pause_s)

    return run


def endless(head: bytes, part: bytes, pause_s: float = 0.0) -> Behaviour:
    """Say this, then that again and again until the other side goes."""

    def run(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(part)
            time.sleep(pause_s)

    return run
