"""What `infergraph run` shows: sentences and progress on a terminal, JSON lines on a pipe."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from rich.console import Console
from rich.markup import escape

from infergraph.local.run import Announcer
from infergraph.servers.examples import example_kind, example_texts
from infergraph.servers.served import Served

_SENTENCES = {
    "unit_loaded": "[green]✓[/] {unit}  [dim]{source} ({deployment}/{predictor}), {seconds:.1f} s[/]",
    "not_run_here": "[yellow]![/] {deployment}: {what}",
    "environment_not_set": "[yellow]![/] {unit}: environment variable {variable} {why}",
    "listening": "[dim]…[/] listening on {url}, [dim]ready when every model is loaded[/]",
    "grpc_port_taken": "[yellow]![/] port {port} is in use, so gRPC takes a free one; --grpc-port chooses another",
    "grpc_off": "[yellow]![/] gRPC is off: {how}",
    "draining": "\n[dim]…[/] finishing what runs  [dim](once more to stop at once)[/]",
    "stopping_at_once": "[yellow]![/] stopping at once",
    "stopped": "[dim]stopped[/]",
}
_COLOURS = {"warning": "yellow", "error": "red", "critical": "red"}
_QUIET = frozenset({"event", "level", "timestamp", "exception"})


class Terminal:
    """A person is looking."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self._status = self.console.status("loading", spinner="dots")

    def show(self, event: Mapping[str, Any]) -> None:
        """Write one log event as a sentence."""
        if event["event"] == "unit_loading":
            self._status.update(f"loading {escape(event['unit'])}  [dim]{escape(event['source'])}[/]")
            self._status.start()
            return
        if event["event"] in ("unit_loaded", "draining"):
            self._status.stop()
        self.console.print(_sentence(event))

    def announce(self, url: str, served: Sequence[Served], grpc: str | None = None) -> None:
        """Write where everything is, and a request to copy for each deployment."""
        self.close()
        for one in served:
            self.console.print(f"\n[bold]{escape(one.deployment.name)}[/] is ready")
            for line in _predictor_lines(one):
                self.console.print(line)
            self.console.print(f"\n  [bold]POST[/] {url}{predictions_path(one, served)}")
            self.console.print(f"  [dim]docs[/] {url}{one.path}/api/v1.0/doc/")
            if grpc is not None:
                self.console.print(f"  [bold]gRPC[/] {grpc}  [dim]{escape(_metadata(one, served))}[/]")
            self.console.print()
            self.console.print(f"  {curl(url, one, served)}", markup=False)
        self.console.print("\n[dim]Ctrl-C stops[/]")

    def close(self) -> None:
        """Take the spinner away."""
        self._status.stop()


def announcer(terminal: Terminal | None) -> Announcer:
    """How to tell that everything is ready."""
    return terminal.announce if terminal else _announce_as_json


def _announce_as_json(url: str, served: Sequence[Served], grpc: str | None = None) -> None:
    deployments = [
        {
            "name": one.deployment.name,
            "namespace": one.deployment.namespace,
            "predictions": f"{url}{one.path}/api/v1.0/predictions",
            "docs": f"{url}{one.path}/api/v1.0/doc/",
            "curl": curl(url, one, served),
        }
        for one in served
    ]
    structlog.get_logger("infergraph.run").info(
        "ready", url=url, **({"grpc": grpc} if grpc else {}), deployments=deployments
    )


def predictions_path(one: Served, served: Sequence[Served]) -> str:
    """The shortest path to a deployment's predictions."""
    return ("" if len(served) == 1 else one.path) + "/api/v1.0/predictions"


def curl(url: str, one: Served, served: Sequence[Served]) -> str:
    """A command that asks a deployment something it can answer, when its model says what it takes."""
    metadata = one.graph_metadata()
    body = shlex.quote(example_texts(metadata)[example_kind(metadata)])
    return f"curl -s {url}{predictions_path(one, served)} -H 'Content-Type: application/json' -d {body}"


def _metadata(one: Served, served: Sequence[Served]) -> str:
    """What a gRPC call has to say so that it is for this deployment."""
    if len(served) == 1:
        return "seldon.protos.Seldon/Predict"
    return (
        f"seldon.protos.Seldon/Predict, metadata seldon: {one.deployment.name}, namespace: {one.deployment.namespace}"
    )


def _predictor_lines(one: Served) -> list[str]:
    predictors = one.deployment.spec.predictors
    if len(predictors) == 1:
        return []
    width = max(len(predictor.name) for predictor in predictors)
    return [
        f"  {escape(p.name):{width}}  [dim]{'shadow' if p.shadow else f'{p.traffic} % of the requests'}[/]"
        for p in predictors
    ]


def _sentence(event: Mapping[str, Any]) -> str:
    known = _SENTENCES.get(event["event"])
    if known is not None:
        return known.format_map({key: escape(v) if isinstance(v, str) else v for key, v in event.items()})
    colour = _COLOURS.get(event.get("level", ""), "dim")
    fields = "  ".join(f"{key}={value}" for key, value in event.items() if key not in _QUIET)
    trace = f"\n{event['exception']}" if "exception" in event else ""
    return f"[{colour}]{escape(str(event['event']))}[/]  {escape(fields)}{escape(trace)}"
