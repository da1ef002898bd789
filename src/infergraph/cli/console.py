"""What `infergraph run` shows: sentences and progress on a terminal, JSON lines on a pipe."""

from collections.abc import Mapping
from typing import Any

import structlog
from rich.console import Console
from rich.markup import escape

from infergraph.local.announcement import Address, Announcement, Announcer, Share

_SENTENCES = {
    "unit_loaded": "[green]✓[/] {unit}  [dim]{source} ({deployment}/{predictor}), {seconds:.1f} s[/]",
    "artifact_fetched": "[green]✓[/] fetched {artifact}",
    "artifact_retrying": "[yellow]![/] {error}; again in {wait_s:.1f} s",
    "artifact_unreachable": "[yellow]![/] {error}; what was fetched last is used",
    "not_run_here": "[yellow]![/] {deployment}: {what}",
    "environment_not_set": "[yellow]![/] {unit}: environment variable {variable} {why}",
    "accelerated": "[green]✓[/] {model}: {before_us:g} µs → {after_us:g} µs a row, {by}, max difference {difference:g}",
    "not_accelerated": "[yellow]![/] {model} is not accelerated: {reason}",
    "slow_model": "[dim]…[/] {model} takes {us_per_row} µs a row; the parameter {how}",
    "listening": "[dim]…[/] listening on {url}, [dim]ready when every model is loaded[/]",
    "grpc_port_taken": "[yellow]![/] port {port} is in use, so gRPC takes a free one; --grpc-port chooses another",
    "worker_ready": "[green]✓[/] worker {worker} is ready  [dim]{ready} of {workers}[/]",
    "preloaded": "[green]✓[/] {workers} workers share their models: {saved_mb:.0f} MB saved",
    "not_preloaded": "[yellow]![/] not preloaded: {reason}",
    "worker_failed": "[red]✗[/] a worker cannot start: {error}",
    "worker_ended": "[red]✗[/] worker {worker} ended with {reason}",
    "watching": "[dim]…[/] watching for changes",
    "reloading": "[dim]…[/] reloading",
    "reloaded": "[green]✓[/] reloaded, after {seconds:.1f} s",
    "reload_failed": "[red]✗[/] not reloaded, what runs goes on: {error}",
    "changed": "[dim]…[/] {path} has changed",
    "grpc_off": "[yellow]![/] gRPC is off: {how}",
    "unit_fixed": "[yellow]![/] {unit} gets an environment with {packages}: {reason}",
    "environment_made": "[green]✓[/] {unit} has its packages, after {seconds:.0f} s",
    "unit_started": "[green]✓[/] {unit} answers in a process of its own  [dim]{process}, {url}[/]",
    "unit_elsewhere": "[green]→[/] {unit} is called at {address}",
    "units_unreachable": "[red]✗[/] {deployment}: nobody answers for {units}",
    "units_reachable": "[green]✓[/] {deployment}: every unit answers again",
    "unit_stuck": "[red]✗[/] {unit}: its process {process} has been silent for {silent_s:.0f} s, and is ended",
    "unit_ended": "[red]✗[/] {unit}: its process {process} ended with {reason}, and is started again",
    "unit_failed": "[red]✗[/] {unit} cannot start again: {error}",
    "unit_output": "[cyan]{unit}[/] | {line}",
    "draining": "\n[dim]…[/] finishing what runs  [dim](once more to stop at once)[/]",
    "stopping_at_once": "[yellow]![/] stopping at once",
    "stopped": "[dim]stopped[/]",
}
_COLOURS = {"warning": "yellow", "error": "red", "critical": "red"}
_QUIET = frozenset({"event", "level", "timestamp", "exception"})


class Terminal:
    """A person is looking."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self._status = self.console.status("loading", spinner="dots")

    def show(self, event: Mapping[str, Any]) -> None:
        """Write one log event as a sentence."""
        if event["event"] == "unit_loading":
            self._status.update(f"loading {escape(event['unit'])}  [dim]{escape(event['source'])}[/]")
            self._status.start()
            return
        if event["event"] in ("artifact_fetching", "artifact_progress"):
            self._status.update(f"fetching {escape(event['artifact'])}  [dim]{_how_far(event)}[/]")
            self._status.start()
            return
        if event["event"] in ("environment_making", "environment_progress", "unit_starting"):
            self._status.update(f"{_WAITS[event['event']]} {escape(event['unit'])}  [dim]{escape(_detail(event))}[/]")
            self._status.start()
            return
        if event["event"] in ("unit_loaded", "unit_started", "draining"):
            self._status.stop()
        self.console.print(_sentence(event))

    def announce(self, found: Announcement) -> None:
        """Write where everything is, and a request to copy for each deployment."""
        self.close()
        for one in found.deployments:
            self.console.print(f"\n[bold]{escape(one.name)}[/] is ready")
            for line in _share_lines(one):
                self.console.print(line)
            self.console.print(f"\n  [bold]POST[/] {one.short}")
            self.console.print(f"  [dim]docs[/] {one.docs}")
            if found.grpc is not None:
                self.console.print(f"  [bold]gRPC[/] {found.grpc}  [dim]{escape(one.grpc)}[/]")
            self.console.print()
            self.console.print(f"  {one.curl}", markup=False)
        self.console.print("\n[dim]Ctrl-C stops[/]")

    def close(self) -> None:
        """Take the spinner away."""
        self._status.stop()


_WAITS = {
    "environment_making": "making an environment for",
    "environment_progress": "packages of",
    "unit_starting": "starting",
}


def _detail(event: Mapping[str, Any]) -> str:
    return str(event.get("line") or event.get("requirements") or event["source"])


def _how_far(event: Mapping[str, Any]) -> str:
    total, left = event["total_bytes"], event.get("remaining_s")
    size = f"{event['done_bytes'] / 1e6:.1f}{'' if total is None else f' of {total / 1e6:.1f}'} MB"
    rate = f", {event['bytes_per_s'] / 1e6:.1f} MB/s" if event.get("bytes_per_s") else ""
    return f"{size}{rate}{'' if left is None else f', {left:.0f} s left'}"


def announcer(terminal: Terminal | None) -> Announcer:
    """How to tell that everything is ready."""
    return terminal.announce if terminal else _announce_as_json


def _announce_as_json(found: Announcement) -> None:
    deployments = [{field: getattr(one, field) for field in _FIELDS} for one in found.deployments]
    structlog.get_logger("infergraph.run").info(
        "ready", url=found.url, **({"grpc": found.grpc} if found.grpc else {}), deployments=deployments
    )


_FIELDS = ("name", "namespace", "predictions", "docs", "curl")


def _share_lines(one: Address) -> list[str]:
    if len(one.shares) == 1:
        return []
    width = max(len(share.predictor) for share in one.shares)
    return [f"  {escape(share.predictor):{width}}  [dim]{_what_it_gets(share)}[/]" for share in one.shares]


def _what_it_gets(share: Share) -> str:
    return "shadow" if share.is_shadow else f"{share.traffic} % of the requests"


def _shown(value: Any) -> Any:
    """A value as a part of a sentence; numbers stay, for a sentence says how many digits it wants of them."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return escape(value) if isinstance(value, str) else value


def _sentence(event: Mapping[str, Any]) -> str:
    known = _SENTENCES.get(event["event"])
    if known is not None:
        return known.format_map({key: _shown(value) for key, value in event.items()})
    whose = f"[cyan]{escape(str(event['unit']))}[/] | " if "unit" in event else ""
    colour = _COLOURS.get(event.get("level", ""), "dim")
    fields = "  ".join(f"{key}={value}" for key, value in event.items() if key not in _QUIET and key != "unit")
    trace = f"\n{event['exception']}" if "exception" in event else ""
    return f"{whose}[{colour}]{escape(str(event['event']))}[/]  {escape(fields)}{escape(trace)}"
