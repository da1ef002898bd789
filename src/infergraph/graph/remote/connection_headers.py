"""The headers that belong to one connection, and go no further (RFC 9110 §7.6.1)."""

from collections.abc import Iterable

OF_THE_CONNECTION = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade host expect".split()
)


def named_by_connection(headers: Iterable[tuple[bytes, bytes]]) -> set[bytes]:
    """What a ``Connection`` header says that it belongs to the connection, too."""
    values = [value for name, value in headers if name.lower() == b"connection"]
    return {token.strip().lower() for value in values for token in value.split(b",")}
