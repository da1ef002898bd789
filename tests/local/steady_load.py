"""Clients that ask without a pause, each on one connection that it keeps, until they are told to stop."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

BODY = json.dumps({"data": {"ndarray": [["which"]]}})
HEADERS = {"Content-Type": "application/json"}
LONGEST_S = 30


class Exchange(NamedTuple):
    """What came of a request: its status, 0 when the connection was closed, and what the worker said of itself.

    ``before`` is the process that had answered on the same connection before that, if any had.
    """

    status: int
    pid: int
    version: str
    before: int


class Load:
    """What the clients have got so far."""

    def __init__(self, port: int, count: int) -> None:
        self.exchanges: list[Exchange] = []
        self.problems: list[BaseException] = []
        self._port = port
        self._told = threading.Event()
        self._progress = threading.Condition()
        self._threads = [threading.Thread(target=self._ask) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def wait_for_more(self, count: int) -> None:
        """Until so many more requests are answered."""
        with self._progress:
            wanted = len(self.exchanges) + count
            assert self._progress.wait_for(lambda: len(self.exchanges) >= wanted, LONGEST_S)

    def stop(self) -> None:
        self._told.set()
        for thread in self._threads:
            thread.join(LONGEST_S)
            assert not thread.is_alive(), "a request hangs"

    def _ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=LONGEST_S)
        before = 0
        while not self._told.is_set():
            exchange = self._exchange(connection, before)
            before = exchange.pid
            with self._progress:
                self.exchanges.append(exchange)
                self._progress.notify_all()
        connection.close()

    def _exchange(self, connection: http.client.HTTPConnection, before: int) -> Exchange:
        before = before if connection.sock is not None else 0
        try:
            connection.request("POST", "/api/v1.0/predictions", BODY, HEADERS)
            response = connection.getresponse()
            answer: Any = json.loads(response.read())
        except (http.client.HTTPException, OSError) as error:
            self.problems.append(error)
            connection.close()
            return Exchange(0, 0, "", before)
        if response.status != 200:
            return Exchange(response.status, 0, "", before)
        pid, version = answer["data"]["ndarray"][0]
        return Exchange(200, pid, version, before)


@contextmanager
def steady_load(port: int, count: int) -> Iterator[Load]:
    """So many clients while the block runs."""
    load = Load(port, count)
    try:
        yield load
    finally:
        load.stop()
