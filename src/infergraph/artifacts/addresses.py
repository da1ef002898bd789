"""Which hosts model files may come from: none that hands out a machine's own credentials."""

import ipaddress
import socket

from infergraph.errors import ArtifactError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        (
            "100.100.100.200",  # Alibaba Cloud
            "168.63.129.16",  # Azure's wire server
            "192.0.0.192",  # Oracle Cloud
            "fd00:ec2::254",  # AWS over IPv6
            "fd20:ce::254",  # Google Cloud over IPv6
        ),
    )
)  # the others' are link-local
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class RefusedAddress(ArtifactError):
    """Raised when a URI, or a redirect, leads to an address that model files do not come from."""


def connect(address: tuple[str, int], timeout: float | None, *, allows_private: bool = True) -> socket.socket:
    """Connect to a host, to no other address than those that were checked.

    :raises RefusedAddress: when the host has an address that is refused.
    :raises OSError: when it cannot be reached.
    """
    host, port = address
    found = _resolved(host, port)
    for _, ip in found:
        _check(host, ip, allows_private=allows_private)
    failure: OSError | None = None
    for sockaddr, _ in found:
        try:
            return socket.create_connection(sockaddr[:2], timeout)
        except OSError as error:
            failure = error
    raise failure or OSError(f"{host} has no address")


def check_host(host: str) -> None:
    """Check a host that somebody else will connect to: a store's library, a proxy. One that has no address passes.

    :raises RefusedAddress: when the host has an address that is refused.
    """
    try:
        found = _resolved(host, 0)
    except OSError:
        return
    for _, ip in found:
        _check(host, ip, allows_private=True)


def is_private(host: str) -> bool:
    """Whether a host is in this network or on this machine, where the world cannot reach it."""
    try:
        return any(not ip.is_global for _, ip in _resolved(host, 0))
    except OSError:
        return False


def _resolved(host: str, port: int) -> list[tuple[tuple[str, int], Address]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise ArtifactError(f"{host[:100]!r} is not the name of a host") from None
    return [((str(sockaddr[0]), port), _plain(str(sockaddr[0]))) for *_, sockaddr in found]


def _plain(text: str) -> Address:
    """The address that is meant: an IPv4 address inside an IPv6 one is reached all the same."""
    ip = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        return ip.ipv4_mapped or ip.sixtofour or ip
    return ip


def _check(host: str, ip: Address, *, allows_private: bool) -> None:
    if ip.is_link_local or ip in _METADATA:
        named = "" if host == str(ip) else f"{host} is "
        raise RefusedAddress(
            f"{named}{ip}, where clouds hand out a machine's credentials and metadata; no model is fetched there"
        )
    if ip.is_unspecified or ip.is_multicast:
        raise RefusedAddress(f"{host} is {ip}, which is no host")
    if not (allows_private or ip.is_global):
        raise RefusedAddress(
            f"a public host redirected to {host} ({ip}), which is inside this network; "
            "name that URI itself if it is meant"
        )
