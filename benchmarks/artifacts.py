"""How fast model files arrive: `infergraph fetch` beside boto3's transfer manager and rclone, as S3 from this machine.

Needs nginx (Debian's package of that name): it answers GET and HEAD with ranges as S3 does, at the speed of the disk.
moto, which the tests use, copies a whole object for each range. Each download is a process of its own, and they take
turns.
"""

import argparse
import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.artifacts.object_stores import BUCKET, MOTO
from tests.conformance.environments import make
from tests.ports import free_port

KEY = "weights/model.bin"
_NGINX = """
daemon off; worker_processes 1; pid {folder}/pid;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""
_BOTO = """
import os, sys, boto3
from boto3.s3.transfer import TransferConfig
client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name="us-east-1")
client.download_file(sys.argv[1], sys.argv[2], sys.argv[3], Config=TransferConfig(max_concurrency=8))
"""


def main() -> None:
    """Print seconds and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=256, help="size of the file (256)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each downloads it (3)")
    given = parser.parse_args()
    megabytes = min(given.megabytes, 2048)
    make(MOTO, print)  # boto3 is there
    with TemporaryDirectory() as folder, _nginx(Path(folder, "server")) as url:
        stored = Path(folder, "server", BUCKET, KEY)
        stored.parent.mkdir(parents=True)
        stored.write_bytes(os.urandom(1_000_000) * megabytes)
        environment = {**os.environ, **_of_all(url)}
        environment.pop("AWS_CA_BUNDLE", None)  # old rclones end at it, and there is no TLS here
        ours = [sys.executable, "-m", "infergraph", "fetch", f"s3://{BUCKET}/{KEY}"]
        theirs = [str(MOTO.python), "-c", _BOTO, BUCKET, KEY]
        rclone = ["rclone", "--config", os.devnull, "--retries", "1", "copyto", f":s3:{BUCKET}/{KEY}"]
        ways = {"infergraph": ours, "boto3": theirs, "rclone": rclone}
        if shutil.which("rclone") is None:
            print("rclone is not installed here (Debian's package of that name), so it is left out")
            del ways["rclone"]
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(min(given.rounds, 10)):
            for name, command in ways.items():
                target = Path(folder, f"{name}-{number}")
                made = target / "model.bin" if name == "infergraph" else target
                seconds[name].append(_timed([*command, str(target)], environment, made, megabytes))
    for name, taken in seconds.items():
        median = statistics.median(taken)
        print(
            f"{name:12} median {median:.2f} s of {len(taken)}, best {min(taken):.2f} s, {megabytes / median:.0f} MB/s"
        )
    ours_s = statistics.median(seconds.pop("infergraph"))
    for name, taken in seconds.items():
        ratio = statistics.median(taken) / ours_s
        print(f"{megabytes} MB: infergraph fetch is {ratio:.2f} times as fast as {name}, start-up and SHA-256 included")


def _of_all(url: str) -> dict[str, str]:
    """The store and credentials, as each of them reads them."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "RCLONE_S3_PROVIDER": "Other",
        "RCLONE_S3_ENDPOINT": url,
        "RCLONE_S3_ENV_AUTH": "true",
        "RCLONE_S3_REGION": "us-east-1",
    }


@contextlib.contextmanager
def _nginx(folder: Path) -> Iterator[str]:
    """The files of a folder, by their paths."""
    program = shutil.which("nginx")
    if program is None:
        raise SystemExit("this needs nginx, Debian's package of that name")
    folder.mkdir()
    folder.parent.chmod(0o755)  # started by root, it reads as nobody
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(_NGINX.format(folder=folder, port=port))
    process = subprocess.Popen([program, "-e", f"{folder}/errors", "-c", str(configuration)])
    try:
        while not _listens(port):
            if process.poll() is not None:
                raise SystemExit("nginx does not start")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def _timed(command: list[str], environment: dict[str, str], made: Path, megabytes: int) -> float:
    begin = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=120)
    taken = time.perf_counter() - begin
    if made.stat().st_size != megabytes * 1_000_000:
        raise RuntimeError(f"{made} has {made.stat().st_size} bytes, and not {megabytes} MB")
    made.unlink()
    return taken


if __name__ == "__main__":
    main()
