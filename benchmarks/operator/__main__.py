"""Many SeldonDeployments on a real API server with the real controllers: `make bench-operator`.

They are declared, then the operator starts: how long until each has its objects and a status, and until each is
Available; CPU time and memory of the operator; calls of the API server by its own audit log. Then nothing changes for
a while, and at last the operator is started anew: neither should write anything. One in ten is a canary of two
predictors. A hollow node says of pods what a kubelet would; it and the API server share the cores with the operator.
"""

import argparse
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.operator.audit import AuditLog, writes
from tests.cluster.control_plane import ControlPlane, control_plane, missing
from tests.cluster.declared import Manifest, Namespace, manifest, predictor
from tests.cluster.hollow_node import hollow_node
from tests.cluster.operators import operator
from tests.serving import Process

CONSOLE = Console(highlight=False, width=110)
LONGEST_S = 1800.0


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deployments", type=int, default=500, help="how many (500)")
    parser.add_argument("--workers", type=int, default=8, help="how many the operator looks at at a time (8)")
    parser.add_argument("--quiet-s", type=float, default=60.0, help="how long nothing changes (60)")
    options = parser.parse_args()
    if reason := missing():
        raise SystemExit(reason)
    with TemporaryDirectory() as name:
        work = Path(name)
        log = AuditLog(work)
        with control_plane(work, *log.flags) as plane:
            _run(plane, log, work, options)


def _run(plane: ControlPlane, log: AuditLog, work: Path, options: argparse.Namespace) -> None:
    namespace = Namespace(plane.api, "bench", work)
    for number in range(options.deployments):
        namespace.declare(_manifest(number))
    arguments = ("--workers", str(options.workers))
    with hollow_node(plane.api, every_s=1.0):
        with operator(plane.api, work, *arguments, token="operator") as process:
            _measure(namespace, process, log, options)
        log.calls()
        with operator(plane.api, work, *arguments, token="operator") as process:
            _restarted(process, log, options.quiet_s)


def _manifest(number: int) -> Manifest:
    name = f"model-{number:04}"
    if number % 10:
        return manifest(name)
    return manifest(name, predictor("main", traffic=75), predictor("canary", traffic=25, image="2.0"))


def _measure(namespace: Namespace, process: Process, log: AuditLog, options: argparse.Namespace) -> None:
    began_s, count = time.monotonic(), options.deployments
    _until(lambda: _counted(namespace, "") == count, "all have a status")
    reported_s = time.monotonic() - began_s
    _until(lambda: _counted(namespace, "Available") == count, "all are Available")
    available_s = time.monotonic() - began_s
    cpu_s = _cpu_s(process)
    calls = log.calls()
    CONSOLE.print(_summary(count, reported_s, available_s, cpu_s, _memory_mb(process, "VmHWM")))
    CONSOLE.print(_table(calls, count))
    time.sleep(5)  # the last word of the controllers about the last of them
    log.calls()
    cpu_s = _cpu_s(process)
    time.sleep(options.quiet_s)
    quiet = log.calls()
    CONSOLE.print(
        f"{options.quiet_s:.0f} s in which nothing changes: {writes(quiet)} writes, {sum(quiet.values())} calls, "
        f"{_cpu_s(process) - cpu_s:.2f} s of CPU; {_memory_mb(process, 'VmRSS'):.0f} MB"
    )


def _restarted(process: Process, log: AuditLog, seconds: float) -> None:
    time.sleep(min(seconds, 30.0))
    calls = log.calls()
    CONSOLE.print(
        f"started anew: {writes(calls)} writes, {sum(calls.values())} calls, {_cpu_s(process):.1f} s of CPU, "
        f"{_memory_mb(process, 'VmHWM'):.0f} MB at most"
    )


def _counted(namespace: Namespace, state: str) -> int:
    """How many are in a state, or in any."""
    items = namespace.api.call("GET", namespace.path()).data["items"]
    states = [one.get("status", {}).get("state", "") for one in items]
    return sum(1 for one in states if (one == state if state else one))


def _until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {LONGEST_S:.0f} s: {what}")
        time.sleep(0.5)


def _summary(count: int, reported_s: float, available_s: float, cpu_s: float, peak_mb: float) -> str:
    load = os.getloadavg()[0]
    return (
        f"{count} deployments: all reported after {reported_s:.1f} s, all Available after {available_s:.1f} s; "
        f"operator {cpu_s:.1f} s of CPU ({cpu_s / count * 1000:.0f} ms each), {peak_mb:.0f} MB at most; load {load:.1f}"
    )


def _table(calls: Counter[str], count: int) -> Table:
    table = Table("call", "all", "a deployment", title="calls of the API server", title_justify="left")
    for name, number in calls.most_common():
        table.add_row(name, str(number), f"{number / count:.2f}")
    table.add_row("all", str(sum(calls.values())), f"{sum(calls.values()) / count:.2f}")
    return table


def _cpu_s(process: Process) -> float:
    fields = Path(f"/proc/{process.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(process: Process, field: str) -> float:
    lines = Path(f"/proc/{process.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


if __name__ == "__main__":
    main()
