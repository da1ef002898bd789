"""What a refused caller gets, and why."""

import logging

import httptools
import msgspec
import pytest

from infergraph.servers.refusal import Refusal, malformed, refusal_of
from tests.servers.raw import answers


def test_a_refusal_is_the_v1_protocols_error() -> None:
    (answer,) = answers(Refusal(400, "MALFORMED_HTTP", 'a "sentence"').answer())
    assert msgspec.json.decode(answer.body) == {
        "status": {"code": 400, "info": 'a "sentence"', "reason": "MALFORMED_HTTP", "status": "FAILURE"}
    }
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (400, b"HTTP/1.1 400 Bad Request\r\n"),
        (408, b"HTTP/1.1 408 Request Timeout\r\n"),
        (431, b"HTTP/1.1 431 Request Header Fields Too Large\r\n"),
    ],
)
def test_its_status_is_on_the_first_line(status: int, line: bytes) -> None:
    assert Refusal(status, "ANY", "no").answer().startswith(line)


def wrapped(cause: Exception) -> httptools.HttpParserCallbackError:
    """The error that the parser raises when one of its callbacks has raised."""
    try:
        try:
            raise cause
        except type(cause):
            raise httptools.HttpParserCallbackError  # noqa: B904 - the parser, too, leaves it to the context
    except httptools.HttpParserCallbackError as error:
        return error


def test_what_a_callback_refuses_is_refused_in_its_words() -> None:
    refusal = Refusal(431, "HEADERS_TOO_LARGE", "fewer")
    assert refusal_of(wrapped(refusal)) is refusal


def test_what_the_parser_cannot_read_is_the_callers_fault() -> None:
    refusal = refusal_of(httptools.HttpParserInvalidMethodError("Invalid method encountered"))
    assert (refusal.status, refusal.reason) == (400, "MALFORMED_HTTP")
    assert str(refusal) == "expected an HTTP/1.1 request, got what cannot be read as one: Invalid method encountered"


def test_what_nobody_foresaw_is_ours_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "infergraph.connection"):
        refusal = refusal_of(wrapped(ZeroDivisionError("secret")))
    assert (refusal.status, refusal.reason) == (500, "INTERNAL_ERROR")
    assert "secret" not in str(refusal)
    assert [record.exc_info and record.exc_info[0] for record in caplog.records] == [ZeroDivisionError]


def test_malformed_is_a_400() -> None:
    refusal = malformed("why")
    assert (refusal.status, refusal.reason, str(refusal)) == (400, "MALFORMED_HTTP", "why")
