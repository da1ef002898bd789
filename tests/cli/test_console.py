"""What a person sees on the terminal."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from infergraph.cli.console import Terminal


def shown(event: dict[str, Any]) -> str:
    terminal = Terminal()
    terminal.console = Console(file=StringIO(), width=200, highlight=False)
    terminal.show({"level": "info", "timestamp": "now", **event})
    assert isinstance(terminal.console.file, StringIO)
    return terminal.console.file.getvalue().strip()


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (
            {
                "event": "unit_loaded",
                "unit": "a[b]",
                "source": "m:C",
                "deployment": "d",
                "predictor": "p",
                "seconds": 0.04,
            },
            "✓ a[b]  m:C (d/p), 0.0 s",
        ),
        ({"event": "listening", "url": "http://x"}, "… listening on http://x, ready when every model is loaded"),
        ({"event": "stopped"}, "stopped"),
        ({"event": "unheard_of", "level": "warning", "key": "[v]"}, "unheard_of  key=[v]"),
        ({"event": "failed", "level": "error", "exception": "Trace\nback"}, "failed  \nTrace\nback"),
    ],
)
def test_events_as_sentences(event: dict[str, Any], text: str) -> None:
    assert shown(event) == text
