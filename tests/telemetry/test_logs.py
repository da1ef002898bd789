"""Log lines: JSON that every reader can read, whatever stands in them."""

import json
import logging
import warnings
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog

from infergraph.telemetry.logs import configure_logs


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def lines(stream: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_one_json_object_a_line_with_time_level_and_event_first() -> None:
    stream = StringIO()
    configure_logs(stream=stream)
    structlog.get_logger("x").info("started", text="two\nlines", number=1.5, odd={1, 2})
    (line,) = lines(stream)
    assert list(line)[:3] == ["timestamp", "level", "event"]
    assert (line["event"], line["text"], line["number"]) == ("started", "two\nlines", 1.5)


def test_what_utf8_cannot_say_is_said_with_escapes() -> None:
    stream = StringIO()
    configure_logs(stream=stream)
    structlog.get_logger("x").error("failed", error="half a pair: \ud800")
    assert lines(stream)[0]["error"] == "half a pair: \ud800"


def test_exceptions_come_with_their_traceback() -> None:
    stream = StringIO()
    configure_logs(stream=stream)
    structlog.get_logger("x").error("failed", exc_info=ValueError("no"))
    assert "ValueError: no" in lines(stream)[0]["exception"]


def test_logs_and_warnings_of_libraries_come_in_the_same_form() -> None:
    stream = StringIO()
    configure_logs(stream=stream)
    logging.getLogger("library").warning("careful %s", "now")
    logging.getLogger("library").info("chatter")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    said = lines(stream)
    assert [line["logger"] for line in said] == ["library", "py.warnings"]
    assert said[0]["event"] == "careful now"


def test_a_terminal_gets_the_events_themselves() -> None:
    events: list[Any] = []
    configure_logs(show=events.append)
    structlog.get_logger("x").info("started", number=1)
    structlog.get_logger("x").debug("chatter")
    assert [(event["event"], event["number"]) for event in events] == [("started", 1)]


def test_nobody_reads_and_nothing_fails() -> None:
    stream = StringIO()
    configure_logs(stream=stream)
    stream.close()
    structlog.get_logger("x").info("started")
