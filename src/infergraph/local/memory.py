"""The memory of a process, as Linux tells it."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

PROC = Path("/proc")


def resident_bytes(pid: int) -> int | None:
    """What a process holds in memory, shared parts included; None where that is not told, or it is gone."""
    try:
        status = (PROC / str(pid) / "status").read_text()
    except OSError:
        return None
    found = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(found[0].split()[1]) * 1024 if found else None


class Shared(msgspec.Struct, frozen=True):
    """What workers save by sharing, and the most that any of them holds for itself alone, in bytes.

    Files that are mapped, as code is, do not count: processes share those anyway.
    """

    saved: int
    private: int


def shared_by(workers: Sequence[int], fork_server: int) -> Shared | None:
    """What forks share with their fork server and each other; None where that is not told, or one is gone."""
    found = [_rollup(pid) for pid in (*workers, fork_server)]
    if not workers or not all("Pss_Anon" in one for one in found):
        return None
    held, really = sum(one["Anonymous"] for one in found[:-1]), sum(one["Pss_Anon"] for one in found)
    return Shared(max(0, held - really), max(one["Private_Dirty"] for one in found[:-1]))


def _rollup(pid: int) -> dict[str, int]:
    """The sums over all that a process has mapped, in bytes by their names (proc_pid_smaps(5))."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return {}
    pairs = (line.split(":") for line in lines)
    return {name: int(value.split()[0]) * 1024 for name, value in pairs}
