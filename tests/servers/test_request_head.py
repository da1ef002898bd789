"""The request line and headers, to the letter; the limits met, and passed by one."""

import pytest

from infergraph.servers import request_head
from infergraph.servers.limits import Limits
from infergraph.servers.refusal import Refusal
from infergraph.servers.request_head import Header

LIMITS = Limits(header_count=2, header_bytes=40)
AB: Header = (b"a", b"b" * 10)  # 15 bytes with colon, space and line end


@pytest.mark.parametrize(
    ("url", "headers", "pending_bytes"),
    [(b"/", [], 0), (b"/" * 10, [AB, AB], 0), (b"/", [AB, AB], 40), (b"/" * 40, [], 0)],
)
def test_a_head_up_to_the_limits_passes(url: bytes, headers: list[Header], pending_bytes: int) -> None:
    request_head.check_head_size(url, headers, pending_bytes, LIMITS)


@pytest.mark.parametrize(
    ("url", "headers", "pending_bytes", "info"),
    [
        (b"/" * 11, [AB, AB], 0, "expected at most 40 bytes of request line and headers, got more"),
        (b"/" * 41, [], 0, "expected at most 40 bytes of request line and headers, got more"),
        (b"/", [], 41, "expected at most 40 bytes of request line and headers, got more"),
        (b"/", [(b"", b"")] * 3, 0, "expected at most 2 headers, got more"),
    ],
)
def test_a_head_over_the_limits_is_refused(url: bytes, headers: list[Header], pending_bytes: int, info: str) -> None:
    with pytest.raises(Refusal) as caught:
        request_head.check_head_size(url, headers, pending_bytes, LIMITS)
    assert (caught.value.status, caught.value.reason, str(caught.value)) == (431, "HEADERS_TOO_LARGE", info)


@pytest.mark.parametrize(
    ("url", "method", "path"),
    [
        (b"*", b"OPTIONS", b"/"),
        (b"http://host/a/b?c=d", b"GET", b"/a/b?c=d"),
        (b"https://host:8000/a", b"POST", b"/a"),
        (b"HTTP://host/a", b"GET", b"/a"),
        (b"http://host", b"GET", b"/"),
        (b"http://host?c", b"GET", b"/?c"),
        (b"http://host/?", b"GET", b"/"),
    ],
)
def test_a_target_becomes_path_and_query(url: bytes, method: bytes, path: bytes) -> None:
    assert request_head.origin_form(url, method) == path


@pytest.mark.parametrize(
    ("url", "method"),
    [
        (b"*", b"GET"),
        (b"/a#b", b"GET"),
        (b"http://host/a#b", b"GET"),
        (b"ftp://host/a", b"GET"),
        (b"host/a", b"GET"),
        (b"host:80", b"GET"),
        (b"", b"GET"),
    ],
)
def test_a_target_that_is_neither_is_refused(url: bytes, method: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        request_head.origin_form(url, method)
    assert caught.value.status == 400
    assert str(caught.value) == (
        f"expected a path such as /api/v1.0/predictions as the request target, got {url.decode()!r}"
    )


def test_what_came_is_shown_no_longer_than_a_line() -> None:
    with pytest.raises(Refusal) as caught:
        request_head.origin_form(b"x" * 1_000_000, b"GET")
    assert str(caught.value).endswith(f"got '{'x' * 80}'")


@pytest.mark.parametrize("value", [b"chunked", b"Chunked", b" chunked\t"])
def test_a_body_may_come_in_chunks(value: bytes) -> None:
    request_head.check_transfer_encoding(value)


@pytest.mark.parametrize("value", [b"", b"gzip", b"gzip, chunked", b"chunked, chunked", b"\x0bchunked", b"identity"])
def test_a_body_may_come_in_no_other_way(value: bytes) -> None:
    with pytest.raises(Refusal, match="expected chunked as the Transfer-Encoding, got"):
        request_head.check_transfer_encoding(value)


def test_an_old_request_has_no_chunks() -> None:
    request_head.check_old_version("1.0", [b"host", b"content-length"])
    with pytest.raises(Refusal, match="Transfer-Encoding, which HTTP"):
        request_head.check_old_version("1.0", [b"host", b"transfer-encoding"])


@pytest.mark.parametrize("version", ["0.9", "1.2", "2.0"])
def test_no_other_version_is_read(version: str) -> None:
    with pytest.raises(Refusal, match=f"^expected HTTP/1.1 or HTTP/1.0, got HTTP/{version}$"):
        request_head.check_old_version(version, [])


def test_only_connect_asks_for_a_tunnel() -> None:
    request_head.check_no_tunnel(b"GET", b"/")
    with pytest.raises(Refusal, match="got CONNECT 'host:80'; this is no proxy"):
        request_head.check_no_tunnel(b"CONNECT", b"host:80")


def test_a_head_without_its_upgrade() -> None:
    headers = [(b"host", b"a"), (b"upgrade", b"h2c"), (b"connection", b"Upgrade")]
    assert request_head.without_upgrade(b"GET", b"/a?b", "1.1", headers) == (
        b"GET /a?b HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\n\r\n"
    )
