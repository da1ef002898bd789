"""The annotations of the pod that a process runs in, as Kubernetes' downward API writes them into a file."""

import json
from pathlib import Path

import structlog

PODINFO = Path("/etc/podinfo/annotations")

log = structlog.get_logger("infergraph.run")


def pod_annotations(path: Path = PODINFO) -> dict[str, str]:
    """The annotations in a file of lines ``key="value"``; none when there is no such file.

    The first ``=`` divides. A line that cannot be read is logged and left out; the others count.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    found = {}
    for number, line in enumerate(filter(str.strip, text.splitlines()), start=1):
        key, divider, value = line.partition("=")
        if divider and key.strip():
            found[key.strip()] = _unquoted(value.strip())
        else:
            log.warning("annotation_not_read", file=str(path), line=number, text=line[:100])
    return found


def _unquoted(value: str) -> str:
    """What Go's quoting wrote; JSON's is the same but for characters that do not print."""
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value[1:-1]
