"""The cluster of this machine, as a test uses it: everything happens in its own network."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cluster import control_plane, packages
from cluster.places import KUBECONFIG, NODE_ADDRESS, programs
from cluster.processes import inside
from tests.cluster.declared import is_available, until
from tests.containers.save import NAME as IMAGE
from tests.serving import ROOT

SETTINGS = {
    "image": IMAGE,
    "imagePullPolicy": "Never",
    "engine": {"resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "1Gi"}}},
    "gateway": {"resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "512Mi"}}},
}
STORE_PORT = 8099
POD_WITHIN_S = 120.0


def missing() -> str:
    """Why there are no pods here; empty where there are."""
    try:
        packages.check()
    except packages.NotPossible as error:
        return str(error)
    return "" if (programs() / "programs").exists() else "`make test-cluster` builds the programs and runs these"


def kubectl(*arguments: str, given: Any = None) -> str:
    """What kubectl prints.

    :raises AssertionError: when it fails, with what it said.
    """
    text = None if given is None else json.dumps(given)
    command = [*control_plane.kubectl_command(), *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def read(*arguments: str) -> Any:
    """An object, or a list of them."""
    return json.loads(kubectl("get", *arguments, "-o", "json"))


@contextmanager
def program(log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program in the cluster's network, ended with the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            inside("env", f"KUBECONFIG={KUBECONFIG}", *command), cwd=ROOT, stdout=output, stderr=output
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def store(folder: Path, log: Path) -> Any:
    """An HTTP server of model files that pods can reach."""
    return program(
        log, sys.executable, "-m", "http.server", str(STORE_PORT), "--bind", NODE_ADDRESS, "--directory", str(folder)
    )


def operator(settings: Path, log: Path) -> Any:
    """Our operator."""
    return program(log, sys.executable, "-m", "infergraph", "operator", "--settings", str(settings))


class Namespace:
    """One namespace of the cluster, and the deployments in it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def apply(self, name: str, *predictors: Mapping[str, Any]) -> None:
        metadata = {"name": name, "namespace": self.name}
        kind = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment", "metadata": metadata}
        kubectl("apply", "-f", "-", given={**kind, "spec": {"predictors": list(predictors)}})

    def until_available(self, name: str) -> None:
        """As a user waits: for what was declared last."""

        def is_so() -> bool:
            return is_available(read("sdep", name, "-n", self.name))

        until(is_so, lambda: f"{name} is Available: {self.told(name)}", POD_WITHIN_S)

    def told(self, name: str) -> str:
        """What there is to see when it is not."""
        status = read("sdep", name, "-n", self.name).get("status")
        return f"{json.dumps(status)}\n{kubectl('get', 'pods,events', '-n', self.name)}"

    def pods(self, name: str) -> list[str]:
        """The names of its pods that are not on their way out."""
        found = read("pods", "-n", self.name, "-l", f"seldon-deployment-id={name}")["items"]
        return [one["metadata"]["name"] for one in found if "deletionTimestamp" not in one["metadata"]]

    def address(self, service: str) -> str:
        return str(read("service", service, "-n", self.name)["spec"]["clusterIP"])


_ASK = """
import collections, http.client, json, os, sys, threading
host, path, count, threads, until = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
counted = collections.Counter()
body = json.dumps({"data": {"ndarray": [[5.1, 3.5, 1.4, 0.2]]}})
def ask():
    asked = 0
    while asked < count and not (until and os.path.exists(until)):
        asked += 1
        connection = http.client.HTTPConnection(host, 8000, timeout=20)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = json.loads(answer.read())
            counted[f"{answer.status} {answer.headers.get('infergraph-predictor', '')}"] += 1
            if answer.status != 200: counted[str(said)[:300]] += 1
        except OSError as error:
            counted[repr(error)] += 1
        finally:
            connection.close()
clients = [threading.Thread(target=ask) for _ in range(threads)]
[one.start() for one in clients]; [one.join() for one in clients]
print(json.dumps(counted))
"""


def asking(host: str, path: str, count: int, *, threads: int = 4, until_exists: str = "") -> subprocess.Popen[str]:
    """Clients in the cluster's network, each request over a connection of its own. They print how often came what."""
    said = [host, path, str(count), str(threads), until_exists]
    command = inside(sys.executable, "-c", _ASK, *said)
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def answers(process: subprocess.Popen[str]) -> dict[str, int]:
    """How often came what: ``{"200 default": 40}``."""
    output, _ = process.communicate(timeout=120)
    counted: dict[str, int] = json.loads(output)
    return counted


def ask(host: str, path: str, count: int = 1, *, threads: int = 1) -> dict[str, int]:
    """The same, and wait for it."""
    return answers(asking(host, path, count, threads=threads))


_SAY = """
import sys, urllib.request
asked = urllib.request.Request(sys.argv[1], data=sys.argv[2].encode(), headers={"Content-Type": "application/json"})
print(urllib.request.urlopen(asked, timeout=20).read().decode())
"""


def said(host: str, path: str) -> Any:
    """The good answer to one request."""
    body = json.dumps({"data": {"ndarray": [[5.1, 3.5, 1.4, 0.2]]}})
    command = inside(sys.executable, "-c", _SAY, f"http://{host}:8000{path}", body)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
