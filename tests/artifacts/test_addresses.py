import socket

import pytest

from infergraph.artifacts.addresses import RefusedAddress, check_host, connect, is_private

REFUSED = [
    "169.254.169.254",
    "169.254.170.2",
    "2852039166",  # the same as a number
    "0xa9fea9fe",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "fe80::1",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",
    "::",
    "224.0.0.1",
]


@pytest.mark.parametrize("host", REFUSED)
def test_metadata_addresses(host: str) -> None:
    with pytest.raises(RefusedAddress, match=r"no model is fetched there|is no host"):
        connect((host, 80), 1)
    with pytest.raises(RefusedAddress):
        check_host(host)


def test_this_machine_is_allowed_when_it_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        connect(server.getsockname(), 5).close()
        with pytest.raises(RefusedAddress, match=r"redirected to 127\.0\.0\.1"):
            connect(server.getsockname(), 5, allows_private=False)


def test_a_host_without_an_address_is_somebody_elses_error() -> None:
    check_host("no-such-host.invalid")
    assert not is_private("no-such-host.invalid")


def test_what_is_private() -> None:
    assert is_private("127.0.0.1")
    assert is_private("10.1.2.3")
    assert not is_private("8.8.8.8")
