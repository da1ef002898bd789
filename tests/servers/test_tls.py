"""TLS with a certificate that is renewed while it is served, and clients that do not play along."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from infergraph.errors import SetupError
from infergraph.servers.http_server import HttpServer, bind
from infergraph.servers.limits import Limits
from infergraph.servers.request import Reply, Request
from infergraph.servers.tls import HTTP, Certificate


class Greeting:
    def accept(self, request: Request) -> int:
        return 0

    async def __call__(self, request: Request) -> Reply:
        return Reply(200, b"content-length: 2\r\n", b"hi", request.path == "/last")


def issued(ca: trustme.CA, folder: Path) -> Certificate:
    one = ca.issue_cert("localhost", "127.0.0.1")
    one.private_key_pem.write_to_path(folder / "tls.key")
    (folder / "tls.crt").write_bytes(b"".join(blob.bytes() for blob in one.cert_chain_pems))
    return Certificate(folder / "tls.crt", folder / "tls.key")


def trusting(ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    ca.configure_trust(context)
    return context


def served(certificate: Certificate, talk: Callable[[int], Any], limits: Limits | None = None) -> Any:
    """What a client says of a server with this certificate, from a thread of its own."""

    async def main() -> Any:
        server = HttpServer(Greeting(), limits or Limits(), tls=certificate.context(HTTP))
        bound = bind("127.0.0.1", 0)
        port = bound.getsockname()[1]
        serving = asyncio.create_task(server.serve([bound]))
        try:
            return await asyncio.to_thread(talk, port)
        finally:
            server.should_exit = True
            await serving

    return asyncio.run(asyncio.wait_for(main(), 30))


def get(port: int, context: ssl.SSLContext, path: str = "/") -> tuple[bytes, int]:
    """The answer, and the serial number of the certificate."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as client,
    ):
        client.sendall(b"GET %b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n" % path.encode())
        answer = b""
        while part := client.recv(65536):
            answer += part
        found: Any = client.getpeercert()
        return answer, int(found["serialNumber"], 16)


def test_a_renewed_certificate_is_taken_without_a_restart(tmp_path: Path) -> None:
    ca = trustme.CA()
    certificate = issued(ca, tmp_path)

    def talk(port: int) -> list[int]:
        serials = []
        answer, serial = get(port, trusting(ca))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"hi")
        serials.append(serial)
        issued(ca, tmp_path)
        serials += [get(port, trusting(ca))[1] for _ in range(2)]
        (tmp_path / "tls.key").write_text("half a key")
        serials += [get(port, trusting(ca))[1] for _ in range(2)]
        return serials

    before, _, renewed, *later = served(certificate, talk)
    assert before != renewed
    assert later == [renewed, renewed]


def test_who_speaks_no_tls_trusts_nobody_or_speaks_an_old_one_harms_nobody(tmp_path: Path) -> None:
    ca = trustme.CA()
    old = trusting(ca)
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1

    def talk(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert not plain.recv(100).startswith(b"HTTP")
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            get(port, ssl.create_default_context())
        with pytest.raises((ssl.SSLError, ConnectionError)):
            get(port, old)
        return get(port, trusting(ca))[0]

    assert served(issued(ca, tmp_path), talk).endswith(b"hi")


def test_a_handshake_that_never_ends_is_ended(tmp_path: Path) -> None:
    ca = trustme.CA()

    def talk(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
            plain.sendall(b"\x16\x03\x01")
            assert plain.recv(100) == b""
        return get(port, trusting(ca))[0]

    assert served(issued(ca, tmp_path), talk, Limits(header_timeout_s=0.2)).endswith(b"hi")


@pytest.mark.parametrize("broken", ["tls.crt", "tls.key"])
def test_a_pair_that_is_none_is_told_with_both_names(tmp_path: Path, broken: str) -> None:
    certificate = issued(trustme.CA(), tmp_path)
    (tmp_path / broken).write_text("none")
    with pytest.raises(SetupError, match=r"TLS: cannot use the certificate .*tls.crt with the key .*tls.key: "):
        certificate.context(HTTP)
    (tmp_path / broken).unlink()
    with pytest.raises(SetupError, match="No such file"):
        certificate.context(HTTP)
