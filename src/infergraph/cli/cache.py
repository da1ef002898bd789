"""`infergraph cache`: what was fetched, and is kept."""

import sys
from datetime import UTC, datetime

import click
import msgspec
from rich.console import Console
from rich.table import Table

from infergraph.artifacts.cache import Cache, Entry, default_cache
from infergraph.errors import InferGraphError


@click.group()
def cache() -> None:
    """Show or remove the model files that `infergraph run` has fetched.

    They are in INFERGRAPH_CACHE_DIR (~/.cache/infergraph/artifacts). Above INFERGRAPH_CACHE_BYTES (50 GiB) those
    used longest ago go.
    """


@cache.command()
@click.pass_context
def ls(context: click.Context) -> None:
    """List the artifacts, the one used last first: a table on a terminal, JSON lines on a pipe."""
    entries = _cache(context).entries()
    if not sys.stdout.isatty():
        for entry in entries:
            click.echo(msgspec.json.encode(entry).decode())
        return
    table = Table("key", "artifact", "bytes", "last used", "sha256", box=None)
    for entry in entries:
        used = datetime.fromtimestamp(entry.used_s, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
        table.add_row(entry.key[:12], entry.artifact, f"{entry.size_bytes:,}", used, entry.sha256[:12])
    Console(highlight=False).print(table)


@cache.command()
@click.argument("names", nargs=-1, metavar="KEY|URI...")
@click.option("--all", "is_all", is_flag=True, help="All of them.")
@click.pass_context
def rm(context: click.Context, names: tuple[str, ...], *, is_all: bool) -> None:
    """Remove artifacts, by the beginning of their key or by their URI. What a running process uses stays.

    Exit code 1 when one is not there, or is in use.
    """
    if not names and not is_all:
        raise click.UsageError("Name what to remove, or give --all")
    found = _cache(context)
    entries = found.entries()
    is_whole = True
    for name in names:
        if not any(_is(entry, name) for entry in entries):
            click.echo(f"infergraph: there is no {name!r} in the cache {found.folder}", err=True)
            is_whole = False
    for entry in entries:
        if is_all or any(_is(entry, name) for name in names):
            is_gone = found.remove(entry.key)
            click.echo(f"{'removed' if is_gone else 'in use, stays'}: {entry.key[:12]}  {entry.artifact}")
            is_whole = is_whole and is_gone
    context.exit(0 if is_whole else 1)


def _is(entry: Entry, name: str) -> bool:
    return entry.artifact == name or entry.key.startswith(name)


def _cache(context: click.Context) -> Cache:
    try:
        return default_cache()
    except InferGraphError as error:
        click.echo(f"infergraph: {error}", err=True)
        context.exit(1)
