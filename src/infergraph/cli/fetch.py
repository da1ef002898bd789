"""`infergraph fetch`: copy model files into a folder."""

import sys
from pathlib import Path

import click

from infergraph.cli.download_bar import DownloadBar, log_done
from infergraph.errors import InferGraphError
from infergraph.telemetry.logs import configure_logs


@click.command()
@click.argument("uri")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--sha256", metavar="HEX", help="Refuse anything else. Of a folder, see docs/artifacts.md.")
@click.pass_context
def fetch(context: click.Context, uri: str, folder: Path, sha256: str | None) -> None:
    """Copy the model files of URI into DIR: what an init container does, and `infergraph run` by itself.

    URI is gs://, s3://, az://, abfs://, hf://, http(s)://, file://, a path, or a remote that RCLONE_CONFIG_* declares;
    one file, a folder, or a .tar.gz or .zip, which is taken apart. Credentials come from the environment. DIR has the
    files when all of them are there; what breaks off is gone on with the next time. Progress is a bar on a terminal,
    and JSON lines on a pipe. Exit code 0 when everything is there, 1 when not.

    \b
    Examples:
      infergraph fetch gs://seldon-models/sklearn/iris ./iris
      infergraph fetch s3://models/iris.tar.gz /mnt/models
    """
    from infergraph.artifacts.fetch import Order
    from infergraph.artifacts.fetch import fetch as fetch_artifact
    from infergraph.artifacts.progress import INTERVAL_S, Progress

    is_terminal = sys.stdout.isatty()
    with DownloadBar() as bar:
        configure_logs(show=bar.show if is_terminal else None)
        order = Order(progress=Progress(interval_s=0.1 if is_terminal else INTERVAL_S))
        try:
            fetched = fetch_artifact(uri, folder, sha256=sha256, order=order)
        except InferGraphError as error:
            bar.close()
            click.echo(f"infergraph: {error}", err=True)
            context.exit(1)
        (bar.done if is_terminal else log_done)(fetched)
