"""`infergraph gateway`: spread a deployment's traffic over its predictors."""

import asyncio
from typing import Any

import click

from infergraph.cli.limit_options import limit_options
from infergraph.cli.microservice_options import default_host
from infergraph.errors import InferGraphError, SetupError

_FORM = "NAME=HOST:HTTP:GRPC@PERCENT"


@click.command()
@click.option("--to", "destinations", multiple=True, required=True, metavar=_FORM, help="A predictor and its share.")
@click.option("--shadow", metavar=_FORM, help="A predictor that gets copies; its answers are nobody's.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port of REST.")
@click.option("--grpc-port", default=5001, show_default=True, type=click.IntRange(0, 65535), help="Port of gRPC.")
@click.option(
    "--host",
    default=default_host,
    envvar="INFERGRAPH_HOST",
    show_envvar=True,
    help="Address to listen on. [default: 127.0.0.1; in a container 0.0.0.0]",
)
@click.option("--shutdown-delay-s", default=0.0, show_default=True, help="After SIGTERM, how long to go on as before.")
@limit_options
@click.pass_context
def gateway(context: click.Context, /, **options: Any) -> None:
    """Spread requests over the predictors of a deployment, where no ingress does.

    Each predictor gets exactly its share of any 100 requests in a row, over HTTP and over gRPC, and a shadow its
    copies. Requests and answers are passed on as they are. The header `infergraph-predictor` of an answer says who
    gave it; a request with that header, such as feedback, goes to the same one.

    \b
    Example:
      infergraph gateway --to main=10.0.0.1:8000:5001@75 --to canary=10.0.0.2:8000:5001@25
    """
    try:
        _run(options)
    except InferGraphError as error:
        click.echo(f"infergraph: {error}", err=True)
        context.exit(1)


def _run(options: dict[str, Any]) -> None:
    try:
        from infergraph.gateway import Destination, Gateway, Routes
    except ModuleNotFoundError as error:
        how = "pip install 'infergraph[grpc,remote]' brings it"
        raise SetupError(f"a gateway needs {error.name}, which is not installed; {how}") from None
    from infergraph.servers.http_server import bind
    from infergraph.servers.limits import Limits
    from infergraph.telemetry.logs import configure_logs

    configure_logs()
    limits = Limits(**{name: options[name] for name in Limits.__struct_fields__ if options.get(name) is not None})
    shadow = Destination.parsed(options["shadow"]) if options["shadow"] else None
    routes = Routes(tuple(map(Destination.parsed, options["destinations"])), shadow)
    http = bind(options["host"], options["port"], is_listening=False)
    grpc = bind(options["host"], options["grpc_port"], "--grpc-port", is_listening=False)

    async def serve() -> None:
        await Gateway(routes, limits, shutdown_delay_s=options["shutdown_delay_s"]).run(http, grpc)

    try:
        import uvloop
    except ImportError:
        asyncio.run(serve())
    else:
        uvloop.run(serve())
