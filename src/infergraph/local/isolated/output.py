"""What a unit's process says, in the log of the whole."""

from collections.abc import Mapping
from typing import Any

import msgspec
import structlog

from infergraph.telemetry.logs import ShowEvent

log = structlog.get_logger("infergraph.unit")

TOLD_BY_ITS_KEEPER = frozenset({"listening", "ready", "going", "draining", "stopping_at_once", "stopped"})
"""Events of a microservice's life, which here is that of one unit among others."""
_decoder = msgspec.json.Decoder(dict[str, Any])


class Output:
    """Shows the events that a microservice logs, and what else it prints, each with the unit's name."""

    def __init__(self, unit: str, show: ShowEvent) -> None:
        self._unit = unit
        self._show = show

    def note(self, line: str) -> None:
        """One line of its output."""
        if (event := _event_in(line)) is None:
            log.info("unit_output", unit=self._unit, line=line)
        elif event["event"] not in TOLD_BY_ITS_KEEPER:
            self._show({**event, "unit": self._unit})


def _event_in(line: str) -> Mapping[str, Any] | None:
    """The log event that a line is; None when it is any other text, be it JSON."""
    if not line.startswith("{"):
        return None
    try:
        found = _decoder.decode(line)
    except msgspec.DecodeError:
        return None
    return found if {"event", "level", "timestamp"} <= found.keys() else None
