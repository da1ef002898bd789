"""`infergraph reload`: let a running `infergraph run` take up what has changed."""

import click

from infergraph.errors import InferGraphError


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Which one, by its HTTP port; the only one without it.")
@click.pass_context
def reload(context: click.Context, port: int | None) -> None:
    """Let a running `infergraph run --workers N` read its manifests, code and models again, without a failed request.

    New workers are started, and the old ones go when all of these are ready. When one cannot start, the old ones go on,
    and this says why. Exit code 0 when the new ones serve, 1 when not.

    \b
    Example:
      infergraph reload --port 8000
      127.0.0.1:8000: generation 2 is ready, after 1.2 s
    """
    from infergraph.local.control_socket import reload as tell

    try:
        address, outcome = tell(port)
    except InferGraphError as error:
        click.echo(f"infergraph: {error}", err=True)
        context.exit(1)
    if outcome.error is not None:
        click.echo(f"infergraph: {address} goes on as it was: {outcome.error}", err=True)
        context.exit(1)
    click.echo(f"{address}: generation {outcome.generation} is ready, after {outcome.seconds:.1f} s")
