"""Which HTTP server: the same application behind each, as we would embed it, under the same load: `make bench-servers`.

Behind each of them the same graph of one identity unit answers the same message; the floor reads and writes HTTP and
does nothing else. Rounds take turns; figures are medians. The processor's time is that of the server process for one
request. It needs wrk, and the other servers: the extra `bench`.
"""

import asyncio
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httptools
import uvloop
from rich.console import Console
from rich.table import Table

from infergraph.components import Component
from infergraph.declaration import PredictiveUnit, Predictor, SeldonDeployment, UnitType
from infergraph.declaration.deployment import DeploymentSpec
from infergraph.declaration.metadata import ObjectMeta
from infergraph.graph.compile import compile_deployment
from infergraph.graph.shadow import Shadows
from infergraph.servers.app import Application
from infergraph.servers.http_server import HttpServer, bind
from infergraph.servers.limits import Limits
from infergraph.servers.request import Request
from infergraph.servers.served import Served

PATH = "/api/v1.0/predictions"
BODY = '{"data":{"ndarray":[[5.1,3.5,1.4,0.2]]}}'
CONNECTIONS = (1, 16, 64, 256)
ROUNDS, SECONDS = 3, 3


class Identity:
    """The cheapest component that there is."""

    def predict(self, X: Any, names: list[str]) -> Any:
        return X


def application() -> Application:
    """A deployment of one unit."""
    unit = PredictiveUnit(name="u", type=UnitType.MODEL)
    predictor = Predictor(name="p", graph=unit, traffic=100)
    declared = SeldonDeployment(spec=DeploymentSpec(predictors=(predictor,)), metadata=ObjectMeta(name="bench"))
    served = Served(declared, Limits())
    components = {"p": {"u": Component("u", Identity(), image="identity:1")}}
    served.start(compile_deployment(declared, components, shadows=Shadows(), metrics=served.metrics), components)
    return Application([served])


async def ours(port: int) -> None:
    """Our own connections, straight to the application."""
    await HttpServer(application(), Limits()).serve([bind("127.0.0.1", port)])


async def uvicorn(port: int) -> None:
    """uvicorn with httptools, and the least ASGI application that reaches ours."""
    import uvicorn as server

    answering = application()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope["method"], scope["raw_path"], scope["query_string"], scope["headers"])
        if answering.accept(request):
            request.body = (await receive())["body"]
        reply = await answering(request)
        lines = [line.split(b": ", 1) for line in reply.head.split(b"\r\n") if line]
        await send({"type": "http.response.start", "status": reply.status, "headers": lines})
        await send({"type": "http.response.body", "body": reply.body})

    options: Any = {"http": "httptools", "loop": "none", "lifespan": "off", "log_level": "critical"}
    await server.Server(server.Config(app, port=port, **options)).serve()


async def granian(port: int) -> None:
    """granian's RSGI in our event loop."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    answering = application()

    async def app(scope: Any, protocol: Any) -> None:
        fields = [(name.encode(), value.encode()) for name, value in scope.headers.items()]
        request = Request(scope.method, scope.path.encode(), scope.query_string.encode(), fields)
        if answering.accept(request):
            request.body = await protocol()
        reply = await answering(request)
        lines = [tuple(line.split(": ", 1)) for line in reply.head.decode().split("\r\n") if line]
        protocol.response_bytes(reply.status, lines, reply.body)

    await Server(app, address="127.0.0.1", port=port, interface=Interfaces.RSGI).serve()


async def floor(port: int) -> None:
    """The parser, and an answer with the body that came."""

    class Floor(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self._transport = transport
            self._parser = httptools.HttpRequestParser(self)

        def data_received(self, data: bytes) -> None:
            self._parser.feed_data(data)

        def on_body(self, body: bytes) -> None:
            self._body = body

        def on_message_complete(self) -> None:
            head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
            self._transport.write(head % len(self._body) + self._body)

    server = await asyncio.get_running_loop().create_server(Floor, "127.0.0.1", port)
    await server.serve_forever()


CANDIDATES: dict[str, Callable[[int], Any]] = {
    "ours": ours,
    "uvicorn, ASGI": uvicorn,
    "granian, RSGI": granian,
    "floor: parse and echo": floor,
}


@contextmanager
def running(name: str, port: int) -> Iterator[int]:
    """A candidate in a process of its own, ended with the block: its process id."""
    process = subprocess.Popen([sys.executable, __file__, name, str(port)])
    try:
        _wait_for(port)
        yield process.pid
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _wait_for(port: int) -> None:
    deadline_s = time.monotonic() + 20
    while time.monotonic() < deadline_s:
        try:
            urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{PATH}", BODY.encode()), timeout=5)
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nobody answers on port {port}")


def processor_s(pid: int) -> float:
    """What a process has used of the processor so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(port: int, connections: int, script: str) -> tuple[float, float, float, int]:
    """Requests per second, p50 and p99 in ms, and how many were answered."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}", "--latency", "-s", script]
    told = subprocess.run([*command, f"http://127.0.0.1:{port}{PATH}"], capture_output=True, text=True, check=True)
    if "Non-2xx" in told.stdout or "Socket errors" in told.stdout:
        raise SystemExit(told.stdout)
    units = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    at = {
        key: float(value) * units[unit] for key, value, unit in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s)", told.stdout)
    }
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told.stdout)
    count = re.search(r"(\d+) requests in", told.stdout)
    assert rate is not None
    assert count is not None
    return float(rate[1]), at["50"], at["99"], int(count[1])


def main() -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"wrk.method='POST'; wrk.headers['Content-Type']='application/json'; wrk.body='{BODY}'")
        script.flush()
        found: dict[tuple[str, int], list[tuple[float, float, float, float]]] = {}
        for _ in range(ROUNDS):
            for number, name in enumerate(CANDIDATES):
                with running(name, 9950 + number) as pid:
                    for connections in CONNECTIONS:
                        before_s = processor_s(pid)
                        rate, p50, p99, count = load(9950 + number, connections, script.name)
                        cost_us = (processor_s(pid) - before_s) / count * 1e6
                        found.setdefault((name, connections), []).append((rate, p50, p99, cost_us))
    table = Table("server", "connections", "requests/s", "p50 ms", "p99 ms", "µs of CPU", "beside ours")
    for name in CANDIDATES:
        for connections in CONNECTIONS:
            rate, p50, p99, cost_us = map(statistics.median, zip(*found[name, connections], strict=True))
            ratio = rate / statistics.median(one[0] for one in found["ours", connections])
            row = (f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}", f"{cost_us:.0f}", f"{ratio:.2f}")
            table.add_row(name, str(connections), *row)
    Console(width=100).print(table)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        uvloop.run(CANDIDATES[sys.argv[1]](int(sys.argv[2])))
    else:
        main()
