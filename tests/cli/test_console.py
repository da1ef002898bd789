"""What a person sees on the terminal."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from infergraph.cli.console import Terminal
from infergraph.declaration import inspect_text
from infergraph.local.announcement import announcement
from infergraph.servers.limits import Limits
from infergraph.servers.served import Served
from tests.serving import ROOT


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
        ({"event": "grpc_off", "how": "pip"}, "! gRPC is off: pip"),
        ({"event": "stopped"}, "stopped"),
        ({"event": "unheard_of", "level": "warning", "key": "[v]"}, "unheard_of  key=[v]"),
        ({"event": "failed", "level": "error", "exception": "Trace\nback"}, "failed  \nTrace\nback"),
    ],
)
def test_events_as_sentences(event: dict[str, Any], text: str) -> None:
    assert shown(event) == text


def served(*names: str) -> list[Served]:
    text = (ROOT / "examples/iris/iris.yaml").read_text()
    found = [inspect_text(text.replace("name: sklearn", f"name: {name}")).manifests[0] for name in names]
    return [Served(manifest.deployment, Limits()) for manifest in found]


@pytest.mark.parametrize(
    ("names", "address", "line"),
    [
        (["a"], "127.0.0.1:5001", "gRPC 127.0.0.1:5001  seldon.protos.Seldon/Predict"),
        (["a", "b"], "h:1", "gRPC h:1  seldon.protos.Seldon/Predict, metadata seldon: b, namespace: default"),
        (["a"], None, ""),
    ],
)
def test_the_end_of_the_start_says_where_grpc_is(names: list[str], address: str | None, line: str) -> None:
    terminal = Terminal()
    terminal.console = Console(file=StringIO(), width=200, highlight=False)
    terminal.announce(announcement("http://x", served(*names), address))
    assert isinstance(terminal.console.file, StringIO)
    lines = [shown.strip() for shown in terminal.console.file.getvalue().splitlines() if "gRPC" in shown]
    assert (lines or [""])[-1] == line
