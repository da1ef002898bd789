"""The command `infergraph`."""

import importlib
from typing import Any

import click

from infergraph import __version__

COMMANDS = (
    "run",
    "engine",
    "microservice",
    "predict",
    "reload",
    "validate",
    "draw",
    "render",
    "crd",
    "operator",
    "gateway",
    "init",
    "contract",
    "doctor",
    "fetch",
    "cache",
)


class Commands(click.Group):
    """Each command is a file of its name, read when it is called: a supervisor needs nothing that a client does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The v1 operator gives its executor's container flags and no command."""
        if args and args[0].lstrip("-").partition("=")[0] == "sdep" and args[0].startswith("-"):
            args = ["engine", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, _: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: Any = getattr(importlib.import_module(f"infergraph.cli.{cmd_name}"), cmd_name)
        assert isinstance(found, click.Command)  # noqa: S101 - each file has its command
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="infergraph")
def main() -> None:
    """Serve trained models from a SeldonDeployment manifest: the same file on a laptop and on Kubernetes.

    Start with:  infergraph run examples/iris/iris.yaml
    """
