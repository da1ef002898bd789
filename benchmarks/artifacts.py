"""How fast model files arrive: `infergraph fetch` beside boto3's transfer manager, from one S3 server on this machine.

Each download is a process of its own, and they take turns. The server's speed bounds both, so that the ratio counts.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
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
        environment = {**os.environ, **store.environment}
        ours = [sys.executable, "-m", "infergraph", "fetch", f"s3://{BUCKET}/weights/model.bin"]
        theirs = [str(MOTO.python), "-c", _BOTO, BUCKET, "weights/model.bin"]
        seconds: dict[str, list[float]] = {"infergraph": [], "boto3": []}
        for number in range(min(given.rounds, 10)):
            target = Path(folder, str(number))
            seconds["infergraph"].append(_timed([*ours, str(target)], environment, target / "model.bin", megabytes))
            seconds["boto3"].append(_timed([*theirs, f"{target}.bin"], environment, Path(f"{target}.bin"), megabytes))
    for name, taken in seconds.items():
        median = statistics.median(taken)
        print(
            f"{name:12} median {median:.2f} s of {len(taken)}, best {min(taken):.2f} s, {megabytes / median:.0f} MB/s"
        )
    ratio = statistics.median(seconds["boto3"]) / statistics.median(seconds["infergraph"])
    print(f"{megabytes} MB: infergraph fetch is {ratio:.2f} times as fast as boto3, start-up and SHA-256 included")


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
