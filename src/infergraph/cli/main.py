"""The command `infergraph`."""

import click

from infergraph import __version__
from infergraph.cli.draw import draw
from infergraph.cli.predict import predict
from infergraph.cli.reload import reload
from infergraph.cli.run import run
from infergraph.cli.validate import validate


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="infergraph")
def main() -> None:
    """Serve trained models from a SeldonDeployment manifest: the same file on a laptop and on Kubernetes.

    Start with:  infergraph run examples/iris/iris.yaml
    """


main.add_command(run)
main.add_command(predict)
main.add_command(reload)
main.add_command(validate)
main.add_command(draw)
