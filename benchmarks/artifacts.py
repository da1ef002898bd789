"""How fast model files arrive: `infergraph fetch` beside boto3's transfer manager and rclone, from one local S3 server.

Each download is a process of its own, and they take turns. The server's speed bounds both, so that the ratio counts.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.artifacts.object_stores import BUCKET, MOTO, moto
from tests.conformance.environments import make

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
    make(MOTO, print)
    with moto(MOTO) as store, TemporaryDirectory() as folder:
        store.put("weights/model.bin", os.urandom(1_000_000) * megabytes)
        environment = {**os.environ, **store.environment, **_of_rclone(store.environment)}
        environment.pop("AWS_CA_BUNDLE", None)  # old rclones end at it, and there is no TLS here
        ours = [sys.executable, "-m", "infergraph", "fetch", f"s3://{BUCKET}/weights/model.bin"]
        theirs = [str(MOTO.python), "-c", _BOTO, BUCKET, "weights/model.bin"]
        rclone = ["rclone", "--config", os.devnull, "--retries", "1", "copyto", f":s3:{BUCKET}/weights/model.bin"]
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


def _of_rclone(environment: Mapping[str, str]) -> dict[str, str]:
    """The same store and credentials, as rclone reads them."""
    return {
        "RCLONE_S3_PROVIDER": "Other",
        "RCLONE_S3_ENDPOINT": environment["AWS_ENDPOINT_URL"],
        "RCLONE_S3_ENV_AUTH": "true",
        "RCLONE_S3_REGION": "us-east-1",
    }


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
