"""An engine over units in other processes."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.serving import Process, ended, until_ready

GOOD = {"data": {"ndarray": [[1.0, 2.0]]}}
FLAGS = ("--sdep", "shop", "--namespace", "n", "--predictor", "main", "--http_port", "0", "--grpc_port", "0")


def remote(name: str, kind: str, port: int, *children: Any) -> dict[str, Any]:
    """A unit at a port of this machine."""
    endpoint = {"service_host": "127.0.0.1", "service_port": port, "httpPort": port, "type": "REST"}
    return {"name": name, "type": kind, "endpoint": endpoint, "children": list(children)}


@contextmanager
def engine(folder: Path, graph: Any, *flags: str, annotations: Mapping[str, str] | None = None) -> Iterator[Process]:
    """`infergraph engine` over a graph; units that run in it are built in or name a class of this folder."""
    containers = [{"name": unit["name"], "image": f"img/{unit['name']}:1"} for unit in _walk(graph)]
    predictor = {"name": "main", "graph": graph, "componentSpecs": [{"spec": {"containers": containers}}]}
    file = folder / "annotations"
    file.write_text("".join(f'{key}="{value}"\n' for key, value in (annotations or {}).items()))
    env = {
        "ENGINE_PREDICTOR": base64.b64encode(json.dumps(predictor).encode()).decode(),
        "INFERGRAPH_POD_ANNOTATIONS": str(file),
    }
    process = Process((*FLAGS, *flags), env, command="engine")
    with until_ready(process):
        yield process


def _walk(unit: Any) -> Iterator[Any]:
    yield unit
    for child in unit.get("children", ()):
        yield from _walk(child)


@contextmanager
def component(folder: Path, spec: str, port: int) -> Iterator[Process]:
    """`infergraph microservice` at a port, ready, ended with the block whatever happens."""
    flags = ("--http-port", str(port), "--grpc-workers", "0", "--metrics-port", "0")
    with ended(Process((spec, *flags), {}, command="microservice", folder=folder)) as process:
        process.wait_for("ready")
        yield process
