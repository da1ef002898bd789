"""What the API server was asked for, by its own audit log."""

import json
from collections import Counter
from pathlib import Path

POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- level: Metadata
  users: [operator]
- level: None
"""


class AuditLog:
    """The calls of one user, `operator`; a watch is in it once it has ended."""

    def __init__(self, work: Path) -> None:
        self._policy, self._log = work / "audit.yaml", work / "audit.log"
        self._policy.write_text(POLICY)
        self._read_bytes = 0

    @property
    def flags(self) -> tuple[str, ...]:
        """Those with which the API server writes it."""
        return (f"--audit-policy-file={self._policy}", f"--audit-log-path={self._log}")

    def calls(self) -> Counter[str]:
        """Those since it was last asked, as verb and resource."""
        if not self._log.exists():
            return Counter()
        with self._log.open("rb") as log:
            log.seek(self._read_bytes)
            lines = log.readlines()
            self._read_bytes = log.tell()
        return Counter(filter(None, map(_name, lines)))


def _name(line: bytes) -> str:
    event = json.loads(line)
    about = event.get("objectRef")
    if about is None:  # discovery
        return ""
    sub = f"/{about['subresource']}" if "subresource" in about else ""
    return f"{event['verb']} {about['resource']}{sub}"


def writes(calls: Counter[str]) -> int:
    """How many of them ask for a change of something that lasts. Renewing a lease is no change of a deployment."""
    verbs = ("create", "update", "patch", "delete")
    return sum(
        count
        for name, count in calls.items()
        if name.split()[0] in verbs and name.split()[1] not in ("leases", "selfsubjectaccessreviews")
    )
