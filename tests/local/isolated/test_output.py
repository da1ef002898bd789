"""Lines of a unit's process become events of the log, with its name."""

from typing import Any

import pytest
import structlog.testing

from infergraph.local.isolated.output import Output

EVENT = '{"timestamp":"t","level":"info","event":"%s","worker":7}'


@pytest.mark.parametrize(
    "line",
    ["plain", "{not JSON", '{"event":"mine"}', '["event","level","timestamp"]', '{"event":1,"level":'],
)
def test_what_is_printed_is_told_as_it_is(line: str) -> None:
    shown: list[Any] = []
    with structlog.testing.capture_logs() as logged:
        Output("model", shown.append).note(line)
    assert shown == []
    assert logged == [{"event": "unit_output", "log_level": "info", "unit": "model", "line": line}]


def test_events_get_the_name_of_the_unit() -> None:
    shown: list[Any] = []
    output = Output("model", shown.append)
    for name in ("trained", "ready", "listening", "draining", "stopped", "worker_ended"):
        output.note(EVENT % name)
    assert shown == [
        {"timestamp": "t", "level": "info", "event": name, "worker": 7, "unit": "model"}
        for name in ("trained", "worker_ended")
    ]
