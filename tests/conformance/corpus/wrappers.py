"""The two wrappers as processes of the same class, and how they are asked."""

import contextlib
import http.client
import json
import math
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format

from tests.conformance.corpus.cases import METHODS, Case
from tests.conformance.environments import Environment
from tests.ports import free_ports
from tests.serving import microservice
from tests.stubs import stubs

FOLDER = Path(__file__).parent
PARAMETERS = [
    {"name": "weight", "type": "FLOAT", "value": "0.5"},
    {"name": "label", "type": "STRING", "value": "x"},
    {"name": "count", "type": "INT", "value": "3"},
    {"name": "is_on", "type": "BOOL", "value": "true"},
]
START_S = 60


@dataclass(frozen=True)
class Wrapper:
    """Where a microservice listens."""

    port: int
    grpc: str

    def answer(self, case: Case) -> Any:
        """What it answers: status and body over REST, code and message over gRPC, in a form that can be compared."""
        return _by_rest(self, case) if case.transport == "rest" else _by_grpc(self, case)


@contextlib.contextmanager
def upstream(environment: Environment, component: str, folder: Path = FOLDER) -> Iterator[Wrapper]:
    """`seldon-core-microservice` of the official package with its default settings, for a class in a folder."""
    http_port, grpc_port, metrics_port = free_ports(3)
    command = [environment.folder / "bin/seldon-core-microservice", component]
    ports = ("--http-port", str(http_port), "--grpc-port", str(grpc_port), "--metrics-port", str(metrics_port))
    process = subprocess.Popen(
        [*map(str, command), *ports],
        cwd=folder,
        env={**_environment(component), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for port in (http_port, grpc_port):
            wait_for(port, process)
        yield Wrapper(http_port, f"127.0.0.1:{grpc_port}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def ours(component: str, folder: Path = FOLDER) -> Iterator[Wrapper]:
    """`infergraph microservice`, for a class in a folder."""
    with microservice(folder, component, env=_environment(component)) as process:
        yield Wrapper(process.port, process.grpc)


def _environment(component: str) -> dict[str, str]:
    parameters = PARAMETERS if component == "Telling" else []
    own = {
        "PREDICTIVE_UNIT_ID": "unit",
        "PREDICTIVE_UNIT_IMAGE": "example/corpus:1.0",
        "PREDICTIVE_UNIT_PARAMETERS": json.dumps(parameters),
    }
    return {**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, **own}


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until somebody listens there."""
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        assert process.poll() is None, f"the wrapper ended with {process.returncode}"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens on {port} after {START_S} s")


def _by_rest(wrapper: Wrapper, case: Case) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", wrapper.port, timeout=30)
    try:
        headers = {"Content-Type": "application/json", **case.headers}
        connection.request(case.verb, case.path, case.content, headers)
        response = connection.getresponse()
        return [response.status, _read(response.read().decode())]
    finally:
        connection.close()


def _by_grpc(wrapper: Wrapper, case: Case) -> Any:
    service, method = METHODS[case.operation]
    messages, services = stubs().messages, stubs().services
    kind = {"aggregate": messages.SeldonMessageList, "send_feedback": messages.Feedback}.get(
        case.operation, messages.SeldonMessage
    )
    with grpc.insecure_channel(wrapper.grpc) as channel:
        try:
            call = getattr(getattr(services, f"{service}Stub")(channel), method)
            answer = call(json_format.ParseDict(case.body, kind()), timeout=30)
        except grpc.RpcError as error:
            return [error.code().name, error.details()]
    return ["OK", json_format.MessageToDict(answer)]


def _read(text: str) -> Any:
    """JSON where it is some; NaN compares with itself as a text."""
    try:
        return json.loads(text, parse_constant=lambda word: f"bare {word}")
    except ValueError:
        return text


def are_equal(first: Any, second: Any) -> bool:
    """Whether two answers say the same; numbers to the last digit that a double has, whatever their type in JSON."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(are_equal(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(are_equal, first, second))
    if isinstance(first, bool) != isinstance(second, bool):
        return False
    if isinstance(first, int | float) and isinstance(second, int | float):
        return math.isclose(first, second, rel_tol=1e-15)
    return bool(first == second)
