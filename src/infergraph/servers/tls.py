"""TLS with a certificate from files, which may be replaced while it is served."""

import ssl
from pathlib import Path
from typing import Any

import msgspec
import structlog

from infergraph.errors import SetupError

log = structlog.get_logger("infergraph.run")

HTTP, GRPC = "http/1.1", "h2"
"""What is spoken inside (ALPN, RFC 7301)."""
GOODBYE_S = 1.0
"""How long a client may take to take leave; a connection that ends does not wait for longer."""


class Certificate(msgspec.Struct, frozen=True):
    """Two PEM files: the chain, the server's own certificate first, and its key."""

    chain: Path
    key: Path

    def context(self, protocol: str) -> ssl.SSLContext:
        """What a listener needs. :raises SetupError: when the files are not there, or no such pair."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols([protocol])
        try:
            renewal = Renewal(self)
            self.load_into(context)
        except (OSError, ValueError) as error:  # ssl.SSLError is one
            raise SetupError(
                f"TLS: cannot use the certificate {self.chain} with the key {self.key}: {_said(error)}"
            ) from error
        context.sni_callback = lambda _socket, _name, its: renewal.look(its)
        return context

    def load_into(self, context: ssl.SSLContext) -> None:
        """:raises OSError: when the files are not there, or no such pair."""
        context.load_cert_chain(self.chain, self.key, password=lambda: "")  # a key with a password would ask for it


class Renewal:
    """Loads the files again when they have changed: a certificate is renewed without a restart.

    It looks at each handshake, and what it finds holds from the next one on.
    """

    def __init__(self, certificate: Certificate) -> None:
        self._certificate = certificate
        self._seen = self._stamps()

    def look(self, context: ssl.SSLContext) -> None:
        try:
            if (stamps := self._stamps()) == self._seen:
                return
            self._seen = stamps
            self._certificate.load_into(context)
        except (OSError, ValueError) as error:  # half of them is there; the next handshake looks again
            log.warning("certificate_not_renewed", chain=str(self._certificate.chain), error=_said(error))
        else:
            log.info("certificate_renewed", chain=str(self._certificate.chain))

    def _stamps(self) -> list[tuple[int, int]]:
        return [
            (found.st_mtime_ns, found.st_ino)
            for found in (self._certificate.chain.stat(), self._certificate.key.stat())
        ]


def listening_options(tls: ssl.SSLContext | None, handshake_s: float) -> dict[str, Any]:
    """The arguments of an event loop's ``create_server``."""
    if tls is None:
        return {}
    return {"ssl": tls, "ssl_handshake_timeout": handshake_s, "ssl_shutdown_timeout": GOODBYE_S}


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error)
