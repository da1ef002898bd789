"""A rendered pod, run on this machine without a cluster: its init containers, then its containers, as processes.

What a container says it runs is what is run: its arguments and its environment, with folders in the place of volumes.
"""

import base64
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from infergraph.declaration import inspect_text
from infergraph.kubernetes.objects import Settings, objects
from infergraph.kubernetes.objects.settings import EngineSettings, UnitSettings
from tests.ports import free_ports
from tests.serving import Process, until_ready

MODELS = "/mnt/models"


def pod_of(manifest: str, **settings: Any) -> dict[str, Any]:
    """The pod of the one Deployment of a manifest, on free ports."""
    ports = free_ports(5)
    chosen = replace(
        Settings(),
        engine=EngineSettings(port=ports[0], grpc_port=ports[1], shutdown_delay_s=0),
        unit=UnitSettings(http_port=ports[2], grpc_port=ports[3], metrics_port=ports[4]),
        **settings,
    )
    reading = inspect_text(manifest)
    assert reading.problems == ()
    found = objects(reading.manifests[0].deployment, chosen)
    (deployment,) = [one for one in found if one["kind"] == "Deployment"]
    spec: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return spec


@contextmanager
def running_pod(pod: dict[str, Any], folder: Path) -> Iterator[dict[str, Process]]:
    """The processes by the names of their containers, ready."""
    for container in pod["initContainers"]:
        place = _place(container, folder)
        arguments = [word.replace(MODELS, str(place)) for word in container["args"]]
        subprocess.run([sys.executable, "-m", "infergraph", *arguments], check=True, capture_output=True, timeout=50)
    with ExitStack() as stack:
        yield {one["name"]: stack.enter_context(_running(one, folder)) for one in pod["containers"]}


@contextmanager
def _running(container: dict[str, Any], folder: Path) -> Iterator[Process]:
    arguments, env = container["args"], {one["name"]: one.get("value", "") for one in container["env"]}
    command = arguments[0] if not arguments[0].startswith("--") else "engine"  # as our image's entry point reads them
    process = Process(tuple(arguments[command == arguments[0] :]), _here(env, container, folder), command=command)
    with until_ready(process):
        yield process


def _here(env: dict[str, str], container: dict[str, Any], folder: Path) -> dict[str, str]:
    """The environment, with the folders of the container's volumes in the place of where it mounts them."""
    for mount in container["volumeMounts"]:
        if mount["mountPath"].startswith(MODELS):
            env = {name: _moved(value, mount["mountPath"], str(folder / mount["name"])) for name, value in env.items()}
    return env


def _moved(value: str, path: str, to: str) -> str:
    try:
        told = base64.b64decode(value, validate=True).decode()
    except ValueError:
        return value.replace(path, to)
    return base64.b64encode(told.replace(path, to).encode()).decode() if path in told else value


def _place(container: dict[str, Any], folder: Path) -> Path:
    (mount,) = [one for one in container["volumeMounts"] if one["mountPath"] == MODELS]
    return folder / str(mount["name"])
