"""A real API server with its etcd, on loopback: what it takes, a cluster takes."""

import json
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from cluster.places import programs
from infergraph.kubernetes.objects.settings import Apis, AutoscalingVersion, PolicyVersion
from tests.ports import free_port, free_ports

STARTS_WITHIN_S = 90.0
USERS = ("administrator", "operator", "controllers", "node")
"""Names, and tokens, of those who may do everything; told apart by what the server counts and logs."""
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"


def missing() -> str:
    """Why none can be started here; empty where one can."""
    absent = [name for name in ("etcd", "kube-apiserver") if not (programs() / name).exists()]
    if absent:
        return f"no {' and no '.join(absent)} in {programs()}: `make cluster-programs` builds them on Debian 12"
    return "" if shutil.which("openssl") else "no openssl, which makes the keys"


class Answer(NamedTuple):
    """What the API server says."""

    status: int
    data: Any

    @property
    def message(self) -> str:
        return str(self.data.get("message", ""))


class ApiServer:
    """Calls of a running one, as its administrator."""

    def __init__(self, port: int, token: str) -> None:
        self.url = f"https://127.0.0.1:{port}"
        self._token = token
        self._context = ssl._create_unverified_context()  # its own certificate, on loopback
        self._plurals: dict[str, dict[str, str]] = {}

    def call(
        self, method: str, path: str, body: Any = None, *, content: str = "application/json", accept: str = ""
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": content}
        headers |= {"Accept": accept} if accept else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, method=method, data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, context=self._context, timeout=30) as answer:
                return Answer(answer.status, json.load(answer))
        except urllib.error.HTTPError as error:
            return Answer(error.code, _said(error.read()))

    def is_ready(self) -> bool:
        request = urllib.request.Request(f"{self.url}/readyz", headers={"Authorization": f"Bearer {self._token}"})
        try:
            with urllib.request.urlopen(request, context=self._context, timeout=5) as answer:
                return bool(answer.read() == b"ok")
        except OSError:
            return False

    def knows(self, one: dict[str, Any]) -> bool:
        """Whether it has the kind of an object, in that version."""
        return one["kind"] in self._kinds(one["apiVersion"])

    def apply(self, one: dict[str, Any], *, is_dry: bool) -> Answer:
        """Server-side apply, with all that defaulting, validation and admission say."""
        query = f"?fieldManager=infergraph&force=true{'&dryRun=All' if is_dry else ''}"
        return self.call("PATCH", self.path(one) + query, one, content=APPLY)

    def path(self, one: dict[str, Any]) -> str:
        """Where an object is."""
        api, metadata = one["apiVersion"], one["metadata"]
        space = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
        return f"{_root(api)}{space}/{self._kinds(api)[one['kind']]}/{metadata['name']}"

    def apis(self) -> Apis:
        """The versions that it has of what there are several of."""
        has_v2 = "HorizontalPodAutoscaler" in self._kinds("autoscaling/v2")
        has_v1 = "PodDisruptionBudget" in self._kinds("policy/v1")
        return Apis(
            autoscaling=AutoscalingVersion.V2 if has_v2 else AutoscalingVersion.V2BETA2,
            policy=PolicyVersion.V1 if has_v1 else PolicyVersion.V1BETA1,
        )

    def _kinds(self, api: str) -> dict[str, str]:
        """The plural of each kind of a version; none when there is no such version."""
        if not self._plurals.get(api):
            found = self.call("GET", _root(api)).data.get("resources", ())
            self._plurals[api] = {one["kind"]: one["name"] for one in found if "/" not in one["name"]}
        return self._plurals[api]


def _said(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return {"message": body.decode()}


def _root(api: str) -> str:
    return f"/apis/{api}" if "/" in api else f"/api/{api}"


@contextmanager
def running(work: Path) -> Iterator[ApiServer]:
    """Start both, wait until it is ready, and end both whatever happens."""
    with etcd(work) as url, serving(work, url, free_port()) as api:
        yield api


@contextmanager
def etcd(work: Path) -> Iterator[str]:
    """What an API server keeps its objects in: its address."""
    port, peer_port = free_ports(2)
    url = f"http://127.0.0.1:{port}"
    with program(work / "etcd.log", "etcd", *_etcd_flags(work, url, peer_port)):
        yield url


@contextmanager
def serving(work: Path, etcd_url: str, port: int, *flags: str) -> Iterator[ApiServer]:
    """An API server that is ready. One that is started anew in the same folder has the same keys and certificates."""
    if not (work / "key").exists():
        key = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(work / "key")]
        subprocess.run(key, check=True)
        (work / "tokens.csv").write_text("".join(f"{name},{name},{name},system:masters\n" for name in USERS))
    log = work / "api.log"
    with program(log, "kube-apiserver", *_flags(work, etcd_url, port), *flags) as process:
        api = ApiServer(port, USERS[0])
        wait_until(lambda: _is_ready(api, process, log), f"the API server is ready; see {log}")
        yield api


def _etcd_flags(work: Path, url: str, peer_port: int) -> list[str]:
    peers = f"http://127.0.0.1:{peer_port}"
    said = {
        "data-dir": work / "etcd",
        "listen-client-urls": url,
        "advertise-client-urls": url,
        "listen-peer-urls": peers,
        "initial-advertise-peer-urls": peers,
        "initial-cluster": f"default={peers}",
    }
    return [*(f"--{name}={value}" for name, value in said.items()), "--unsafe-no-fsync"]


def _flags(work: Path, etcd: str, port: int) -> list[str]:
    said = {
        "etcd-servers": etcd,
        "bind-address": "127.0.0.1",
        "secure-port": port,
        "cert-dir": work / "certificates",
        "token-auth-file": work / "tokens.csv",
        "authorization-mode": "RBAC",
        "service-account-issuer": "https://cluster",
        "service-account-key-file": work / "key",
        "service-account-signing-key-file": work / "key",
        "service-cluster-ip-range": "10.96.0.0/16",
        "feature-gates": "HPAContainerMetrics=true",
    }
    return [f"--{name}={value}" for name, value in said.items()]


@contextmanager
def program(log: Path, name: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """One of the programs, ended with the block whatever happens."""
    with log.open("ab") as output:
        process = subprocess.Popen([programs() / name, *arguments], stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Ask again and again, for as long as a start may take."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not after {STARTS_WITHIN_S} s: {what}")
        time.sleep(0.1)


def _is_ready(api: ApiServer, process: subprocess.Popen[bytes], log: Path) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"the API server ended:\n{log.read_text()[-3000:]}")
    return api.is_ready()
