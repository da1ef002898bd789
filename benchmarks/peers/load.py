"""Load: wrk for REST, h2load for gRPC, and what their output says."""

import contextlib
import re
import resource
import signal
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

SCRIPT = Path(__file__).parent / "apps/post.lua"
ANSWER_S = 10  # how long an answer may take
DURATION_S = 60  # wrk takes whole seconds only, so it is given too many and interrupted, which ends it in good order


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What a load generator saw. Without a single answer, the times are zero."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int
    generator_s: float = 0.0  # CPU time of the load generator

    @property
    def per_second(self) -> float:
        """Answers without error."""
        return max(self.requests - self.errors, 0) / self.seconds if self.seconds else 0.0


class NoLoad(Exception):
    """Raised when a load generator could not do its work."""


def wrk(url: str, body: Path, headers: Mapping[str, str], *, connections: int, seconds: float) -> Load:
    """Send the body over and over on so many connections."""
    words = [word for header in headers.items() for word in header]
    options = ["-t1", f"-c{connections}", f"-d{DURATION_S}s", f"--timeout={ANSWER_S}s", "-s", str(SCRIPT)]
    output, cpu_s = _run(["wrk", *options, url, "--", str(body), *words], seconds)
    return msgspec.structs.replace(parse_wrk(output), generator_s=cpu_s)


def parse_wrk(output: str) -> Load:
    """The line of JSON that our script writes, the last that wrk says.

    :raises NoLoad: when there is none.
    """
    try:
        return msgspec.json.decode(output.strip().rpartition("\n")[2], type=Load)
    except msgspec.DecodeError:
        raise NoLoad(f"wrk measured nothing: {output[-300:]!r}") from None


def h2load(url: str, body: Path, *, connections: int, seconds: float, answer_bytes: int, log: Path) -> Load:
    """Call a gRPC method over and over, one call at a time on each connection.

    :param body: the message with gRPC's frame around it.
    :param answer_bytes: how long a right answer is, with its frame.
    :param log: where h2load may write a line for each call.
    """
    log.unlink(missing_ok=True)
    options = ["-t1", f"-c{connections}", "-m1", f"-D{round(seconds * 1000)}ms", f"--log-file={log}", "-d", str(body)]
    command = ["h2load", *options, "-H", "content-type: application/grpc", "-H", "te: trailers", url]
    output, cpu_s = _run(command, seconds + ANSWER_S)
    times_us = parse_times(log.read_text()) if log.exists() else []
    return msgspec.structs.replace(parse_h2load(output, times_us, answer_bytes), generator_s=cpu_s)


def parse_times(log: str) -> list[int]:
    """The times of the calls in h2load's log, in microseconds, ascending; a line that was cut off is left out."""
    lines = (line.split("\t") for line in log.splitlines(keepends=True) if line.endswith("\n"))
    return sorted(int(cells[2]) for cells in lines)


def parse_h2load(output: str, times_us: Sequence[int], answer_bytes: int) -> Load:
    """What h2load says at its end, with the times of the calls in ascending order, in microseconds.

    h2load knows HTTP only: an answer that is a gRPC error has status 200, too. But it has no data, so the bytes of data
    tell how many answers had some. Those lengths vary a little: as many as were asked for, less one in twenty, are all.

    :raises NoLoad: when it says nothing.
    """
    finished = re.search(r"finished in ([\d.]+)(m?s),", output)
    counts = re.search(r"requests: (\d+) total, \d+ started, \d+ done, (\d+) succeeded", output)
    data = re.search(r"\((\d+)\) data", output)
    if not (finished and counts and data):
        raise NoLoad(f"h2load measured nothing: {output[-300:]!r}")
    requests, succeeded = int(counts[1]), int(counts[2])
    answers = int(data[1]) / answer_bytes
    return Load(
        requests=requests,
        seconds=float(finished[1]) / (1000 if finished[2] == "ms" else 1),
        p50_ms=statistics.median(times_us) / 1000 if times_us else 0.0,
        p99_ms=times_us[int(len(times_us) * 0.99)] / 1000 if times_us else 0.0,
        errors=requests - (succeeded if answers > 0.95 * succeeded else int(answers)),
    )


def _run(command: Sequence[str], seconds: float) -> tuple[str, float]:
    """Run a load generator, interrupted after so many seconds: its output, and the CPU time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        output = _interrupted(process, seconds)
    finally:
        process.kill()
        process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return output, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _interrupted(process: "subprocess.Popen[str]", seconds: float) -> str:
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.communicate(timeout=seconds)[0]
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=ANSWER_S)[0]
    except subprocess.TimeoutExpired:
        raise NoLoad(f"{process.args!r} does not end") from None
