"""Names of Services in the cluster's network: a DNS server over UDP and TCP, which asks the API server what there is.

It stands in for CoreDNS, which Debian does not have. Questions for addresses of IPv4 are answered (RFC 1035 §4); of any
other type there is nothing, and of any other name it says that there is none.
"""

import http.client
import json
import socket
import socketserver
import ssl
import struct
import threading
import time
from typing import Any, Final
from urllib.parse import urlsplit

from cluster.places import API, KEYS, NODE_ADDRESS

PORT: Final = 5353
_FRESH_S: Final = 0.5
_SECONDS: Final = 5
_ADDRESS: Final = 1  # type A
_NO_SUCH_NAME, _FAILED = 3, 2


class Names:
    """What the API server has, read anew when somebody asks and it is old."""

    def __init__(self) -> None:
        self._context = ssl.create_default_context(cafile=str(KEYS / "ca.crt"))
        self._context.load_cert_chain(KEYS / "admin.crt", KEYS / "admin.key")
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._services: dict[tuple[str, str], Any] = {}
        self._endpoints: dict[tuple[str, str], Any] = {}

    def addresses(self, name: str) -> list[str] | None:
        """Those behind ``[pod.]service.namespace.svc.cluster.local``; None when there is no such name."""
        *labels, a, b, c = ["", "", *name.lower().rstrip(".").split(".")]
        if [a, b, c] != ["svc", "cluster", "local"] or len(labels := [one for one in labels if one]) not in (2, 3):
            return None
        self._read()
        key, host = (labels[-2], labels[-1]), labels[0] if len(labels) == 3 else ""
        service = self._services.get(key)
        if service is None:
            return None
        own = service["spec"].get("clusterIP", "None")
        if own != "None" and not host:
            return [own]
        found = [
            one["ip"] for one in self._behind(key) if host in ("", one.get("hostname"), one["ip"].replace(".", "-"))
        ]
        return found or (None if host else [])

    def _behind(self, key: tuple[str, str]) -> list[dict[str, str]]:
        subsets = (self._endpoints.get(key) or {}).get("subsets") or []
        return [address for subset in subsets for address in subset.get("addresses") or []]

    def _read(self) -> None:
        with self._lock:
            if time.monotonic() - self._read_at > _FRESH_S:
                self._services, self._endpoints = self._all("services"), self._all("endpoints")
                self._read_at = time.monotonic()

    def _all(self, kind: str) -> dict[tuple[str, str], Any]:
        address = urlsplit(API)
        connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, context=self._context, timeout=_SECONDS
        )
        try:
            connection.request("GET", f"/api/v1/{kind}")
            items = json.load(connection.getresponse())["items"]
        finally:
            connection.close()
        return {(one["metadata"]["name"], one["metadata"]["namespace"]): one for one in items}


def answer(question: bytes, names: Names) -> bytes:
    """The answer to a message with one question."""
    at, labels = 12, []
    while length := question[at]:
        labels.append(question[at + 1 : at + 1 + length].decode("ascii", "replace"))
        at += length + 1
    (kind,) = struct.unpack_from("!H", question, at + 1)
    try:
        found = names.addresses(".".join(labels))
        code = 0 if found is not None else _NO_SUCH_NAME
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        found, code = None, _FAILED
    listed = found if found and kind == _ADDRESS else []
    records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", _ADDRESS, 1, 5, 4) + socket.inet_aton(one) for one in listed)
    return question[:2] + struct.pack("!HHHHH", 0x8580 | code, 1, len(listed), 0, 0) + question[12 : at + 5] + records


class _Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, connection = self.request
        connection.sendto(answer(data, _names), self.client_address)


class _Stream(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        (length,) = struct.unpack("!H", self.rfile.read(2))
        said = answer(self.rfile.read(length), _names)
        self.wfile.write(struct.pack("!H", len(said)) + said)


class _OverUdp(socketserver.ThreadingUDPServer):
    allow_reuse_address = daemon_threads = True


class _OverTcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


if __name__ == "__main__":
    _names = Names()
    threading.Thread(target=_OverTcp((NODE_ADDRESS, PORT), _Stream).serve_forever, daemon=True).start()
    _OverUdp((NODE_ADDRESS, PORT), _Datagram).serve_forever()
