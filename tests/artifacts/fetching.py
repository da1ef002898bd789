"""Fetching without waits."""

from typing import Any

import structlog

from infergraph.artifacts.fetch import Order
from infergraph.artifacts.retry import Retry


def order(waits: list[float] | None = None) -> Order:
    """An order whose waits are written down, and not waited."""
    slept: list[float] = [] if waits is None else waits
    return Order(retry=Retry(sleep=slept.append, jitter=lambda: 1.0))


def events(captured: list[Any], name: str) -> list[Any]:
    """The log events of this name."""
    return [event for event in captured if event["event"] == name]


capture = structlog.testing.capture_logs
