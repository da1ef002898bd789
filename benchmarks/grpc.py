"""What gRPC costs, by server and by calls at a time: `make bench-grpc`.

A real `infergraph run` answers h2load (Debian's nghttp2-client), which sends one call again and again over as many
connections; REST is asked by the same h2load over HTTP/1.1. Each answer is checked once by grpcio before it is counted.
"""

import argparse
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.doors import image, v2_raw
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.seldon_proto import encode_message
from tests.serving import Process, running

IRIS = np.array([[5.1, 3.5, 1.4, 0.2]])
SELDON, V2 = "/seldon.protos.Seldon/Predict", "/inference.GRPCInferenceService/ModelInfer"
OPTIONS = [("grpc.max_receive_message_length", -1)]

MANIFEST = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: %s}
spec: {predictors: [{name: p, %s}]}
"""
MODEL = "graph: {name: m, implementation: SKLEARN_SERVER, modelUri: %s}"
ECHO = (
    'componentSpecs: [{spec: {containers: [{name: m, image: "echo:1"}]}}], graph: {name: m, type: MODEL, '
    "parameters: [{name: python_class, type: STRING, value: 'echo:Echo'}]}"
)
CLASS = "class Echo:\n    def predict(self, X, names):\n        return X\n"


class Question(msgspec.Struct, frozen=True):
    """What is asked: of which model, and how."""

    name: str
    model: str
    path: str
    body: bytes
    counts: Sequence[int] = (1, 16, 64, 256)

    @property
    def is_grpc(self) -> bool:
        return not self.path.startswith("/api")


QUESTIONS = (
    Question("echo, seldon tensor 1x4", "echo", SELDON, encode_message(Payload(IRIS, Encoding.TENSOR))),
    Question("iris, seldon tensor 1x4", "iris", SELDON, encode_message(Payload(IRIS, Encoding.TENSOR))),
    Question("iris, v2 raw 1x4", "iris", V2, v2_raw(IRIS.astype(np.float32))),
    Question("echo, v2 raw 1x224x224x3", "echo", V2, v2_raw(image()), (1, 8)),
    Question("iris, REST ndarray 1x4", "iris", "/api/v1.0/predictions", b'{"data":{"ndarray":[[5.1,3.5,1.4,0.2]]}}'),
)


@contextmanager
def served(model: str, server: str, folder: Path) -> Iterator[Process]:
    """A server of one model."""
    (folder / "echo.py").write_text(CLASS)
    graph = ECHO if model == "echo" else MODEL % (Path("examples/iris/model").absolute())
    manifest = folder / f"{model}.yaml"
    manifest.write_text(MANIFEST % (model, graph))
    with running(str(manifest), "--grpc-server", server) as process:
        yield process


def check(address: str, question: Question) -> None:
    """:raises grpc.RpcError: when it is not answered."""
    with grpc.insecure_channel(address, OPTIONS) as channel:
        ask: Any = channel.unary_unary(question.path)
        assert ask(question.body, timeout=20)


def rate(process: Process, question: Question, count: int, seconds: float, folder: Path) -> str:
    """Calls a second, of ``count`` at a time."""
    body = folder / "body"
    body.write_bytes((b"\0" + len(question.body).to_bytes(4, "big") if question.is_grpc else b"") + question.body)
    kind = ["-H", "content-type: application/grpc", "-H", "te: trailers"]
    if question.is_grpc:
        check(process.grpc, question)
    else:
        kind = ["--h1", "-H", "content-type: application/json"]
    connections = min(count, 64)
    address = process.grpc if question.is_grpc else f"127.0.0.1:{process.port}"
    each = str(count // connections if question.is_grpc else 1)
    asked = ["h2load", "-t1", f"-c{connections}", "-m", each, "-D", str(seconds), "--warm-up-time=1", "-d", str(body)]
    said = subprocess.run(
        [*asked, *kind, f"http://{address}{question.path}"], capture_output=True, text=True, check=True, timeout=120
    ).stdout
    found = re.search(r"finished in [\d.]+m?s, ([\d.]+) req/s", said)
    failures = re.search(r"(\d+) failed, (\d+) errored, (\d+) timeout", said)
    if found is None or failures is None or any(map(int, failures.groups())):
        raise RuntimeError(f"h2load says: {said}")
    return f"{float(found[1]):,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=4, help="of each figure")
    seconds = parser.parse_args().seconds
    if shutil.which("h2load") is None:
        raise SystemExit("h2load is needed: apt install nghttp2-client")
    table = Table("what", "server", "calls at a time: calls a second", title="gRPC, one worker")
    for question in QUESTIONS:
        for server in ("aio", "native") if question.is_grpc else ("",):
            with tempfile.TemporaryDirectory() as made:
                folder = Path(made)
                with served(question.model, server or "aio", folder) as process:
                    counts = question.counts if question.is_grpc else (1, 16, 64)
                    rates = {count: rate(process, question, count, seconds, folder) for count in counts}
            table.add_row(question.name, server, json.dumps(rates).strip("{}").replace('"', ""))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
