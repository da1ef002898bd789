"""The memory of a process, as Linux tells it."""

from pathlib import Path

PROC = Path("/proc")


def resident_bytes(pid: int) -> int | None:
    """What a process holds in memory, shared parts included; None where that is not told, or it is gone."""
    try:
        status = (PROC / str(pid) / "status").read_text()
    except OSError:
        return None
    found = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(found[0].split()[1]) * 1024 if found else None
