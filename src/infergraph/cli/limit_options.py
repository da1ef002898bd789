"""The options that every server has: one for each of its limits."""

from collections.abc import Callable
from typing import Any, get_type_hints

import click

from infergraph.servers.limits import Limits


def limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """One option for each limit: a flag, an environment variable and an annotation of the same name."""
    for field, kind in reversed(get_type_hints(Limits).items()):
        default = getattr(Limits(), field)
        unit = (
            "seconds"
            if field.endswith("_s")
            else "bytes"
            if field.endswith("_bytes")
            else "rows"
            if field.endswith("_rows")
            else "count"
        )
        command = click.option(
            f"--{field.replace('_', '-')}",
            type=kind,
            envvar=f"INFERGRAPH_{field.upper()}",
            help=f"{_LIMITS[field]} [{unit}; default: {default}]",
        )(command)
    return command


_LIMITS = {
    "body_bytes": "Largest body of a request, as sent and once decompressed.",
    "header_bytes": "Request line and headers of a request together.",
    "header_count": "Header lines of a request.",
    "json_depth": "How deep JSON may nest.",
    "queue_length": "Requests that may wait for one component; above it 503.",
    "batch_rows": "Rows of waiting requests in one call of their model; 1 turns batching off.",
    "header_timeout_s": "Time for the headers of a request to arrive.",
    "body_timeout_s": "Longest silence while a body arrives, or while an answer is not read.",
    "keep_alive_s": "How long a connection may idle between requests.",
    "linger_s": "How long a client that is refused may go on sending.",
    "drain_s": "After SIGTERM, how long to wait for the next running request to finish.",
    "drain_grace_s": "How long an idle connection stays open after SIGTERM.",
}
