"""The machine that it was measured on."""

import os
import platform
import subprocess
from pathlib import Path


def facts() -> dict[str, str]:
    """What the figures depend on: processor, cores, memory, system, Python, load generators."""
    memory_kb = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory_kb / 2**20:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "wrk": said("wrk", "-v").partition("[")[0].strip(),
        "h2load": said("h2load", "--version").strip(),
    }


def commit() -> str:
    """The commit that is measured, with a star when files differ from it."""
    here = Path(__file__).parent
    dirty = said("git", "-C", str(here), "status", "--porcelain", "--untracked-files=no").strip()
    return said("git", "-C", str(here), "rev-parse", "--short", "HEAD").strip() + ("*" if dirty else "")


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def said(*command: str) -> str:
    """What a command writes."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return ""
    return done.stdout or done.stderr
