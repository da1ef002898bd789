"""Logs: one JSON object a line on a pipe, sentences on a terminal."""

import contextlib
import json
import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any, TextIO

import msgspec
import structlog

EventDict = Mapping[str, Any]
ShowEvent = Callable[[EventDict], None]


def configure_logs(
    *, show: ShowEvent | None = None, stream: TextIO | None = None, level: str | None = None
) -> ShowEvent:
    """Send every log event to ``show`` (a terminal's way of writing), or as JSON lines to ``stream`` (stdout).

    Our own events pass from INFO upwards and libraries' from WARNING, or all of them from a ``level`` given by name.
    Returns what writes an event that is complete already.
    """

    def write(event: EventDict) -> None:
        out = stream or sys.stdout  # as it is now: a server puts another in its place
        with contextlib.suppress(OSError, ValueError):  # nobody reads any more: no reason to fail a request
            out.write(_line(_ordered(event)) + "\n")
            out.flush()

    chosen = show or write

    def emit(_: Any, __: str, event: EventDict) -> Any:
        chosen(event)
        raise structlog.DropEvent

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _stamp,
            structlog.processors.format_exc_info,
            emit,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_number(level or "INFO")),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=_number(level or "WARNING"), handlers=[_Forward()], force=True)
    logging.captureWarnings(capture=True)
    return chosen


def event_now(level: str, event: str, **fields: Any) -> EventDict:
    """A complete log event, for where no log can be written to."""
    return _stamp(None, level, {"event": event, "level": level, **fields})


def event_line(event: EventDict) -> bytes:
    """A complete log event as a line of JSON."""
    return (_line(_ordered(event)) + "\n").encode()


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level]


def _line(event: EventDict) -> str:
    try:
        return _encoder.encode(event).decode()
    except ValueError:  # half a surrogate pair in an error's text, which UTF-8 cannot say
        return json.dumps(event, default=repr)


def _ordered(event: EventDict) -> dict[str, Any]:
    """When, how grave and what come first, for whoever reads the lines as they are."""
    first = {key: event[key] for key in ("timestamp", "level", "event") if key in event}
    return {**first, **event}


class _Forward(logging.Handler):
    """Hands the standard library's log records on, so that there is one stream in one form."""

    def emit(self, record: logging.LogRecord) -> None:
        logger = structlog.get_logger(record.name)
        logger.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info or None)


_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
_encoder = msgspec.json.Encoder(enc_hook=repr)
