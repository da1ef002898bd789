"""A bar for a download on a terminal: bytes, rate, what remains."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any

import structlog
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from infergraph.artifacts.fetch import Fetched


class DownloadBar:
    """Draws the events of `infergraph.artifacts.progress`."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "DownloadBar":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def show(self, event: Mapping[str, Any]) -> None:
        """Draw one log event."""
        if event["event"] == "artifact_fetching":
            self._bar.start()
            total, done = event["total_bytes"], event["done_bytes"]
            self._task = self._bar.add_task(escape(event["artifact"]), total=total, completed=done)
        elif event["event"] == "artifact_progress" and self._task is not None:
            self._bar.update(self._task, completed=event["done_bytes"])
        elif event["event"] == "artifact_retrying":
            self._console.print(f"[yellow]![/] {escape(event['error'])}; again in {event['wait_s']:.1f} s")

    def close(self) -> None:
        """Take the bar away."""
        if self._task is not None:
            self._bar.stop()

    def done(self, fetched: Fetched) -> None:
        """Say what came."""
        self.close()
        self._console.print(
            f"[green]✓[/] {escape(fetched.artifact)} is in {escape(str(fetched.path))}  "
            f"[dim]{fetched.size_bytes:,} bytes, sha256 {fetched.sha256}[/]"
        )


def log_done(fetched: Fetched) -> None:
    """The same as a log event."""
    structlog.get_logger("infergraph.artifacts").info(
        "artifact_fetched",
        artifact=fetched.artifact,
        path=str(fetched.path),
        size_bytes=fetched.size_bytes,
        sha256=fetched.sha256,
    )
