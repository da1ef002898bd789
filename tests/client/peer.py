"""A peer that answers HTTP as a test says, byte for byte."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Peer:
    """Takes one request on each connection, sends the next of its answers, and closes; whole answers say so."""

    def __init__(self, answers: list[bytes]) -> None:
        self.requests: list[bytes] = []
        self.closing = threading.Event()
        self._answers = list(answers)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                if self.closing.is_set():
                    return
                connection.settimeout(20)
                self.requests.append(self._request(connection))
                answer = self._answers.pop(0) if self._answers else b""
                connection.sendall(answer)
                if answer.endswith(HOLD):
                    self.closing.wait(20)

    def _request(self, connection: socket.socket) -> bytes:
        raw = b""
        while True:
            head, found, body = raw.partition(b"\r\n\r\n")
            if found and len(body) >= _length(head):
                return raw
            received = connection.recv(65536)
            if not received:
                return raw
            raw += received

    def close(self) -> None:
        self.closing.set()
        socket.create_connection(self._socket.getsockname(), timeout=5).close()
        self._thread.join()
        self._socket.close()


HOLD = b"..."
"""An answer that ends so is followed by silence."""


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextmanager
def peer(*answers: bytes) -> Iterator[Peer]:
    running = Peer(list(answers))
    try:
        yield running
    finally:
        running.close()
