"""`infergraph init`: a component to begin with."""

import importlib.util
import keyword
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

import click

TYPES = ("model", "transformer", "output-transformer", "router", "combiner")
_NAME = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
_LONGEST = 50  # of Kubernetes' 63 characters, the names of what a deployment becomes need some


@click.command()
@click.argument("name")
@click.option(
    "--type", "kind", type=click.Choice(TYPES), default="model", show_default=True, help="What the component does."
)
def init(name: str, kind: str) -> None:
    """Write a component that runs into the new folder NAME: its class, manifest, tests and contract.

    NAME becomes the name of the deployment, of the module (spam-filter: spam_filter.py) and of the class (SpamFilter).
    Nothing that is there already is changed.

    \b
    Example:
      infergraph init spam-filter --type model
      cd spam-filter
      infergraph run spam-filter.yaml
    """
    _check(name)
    folder = _new_folder(name)
    texts = texts_of(name, kind)
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8")
    click.echo(f"{name}/ has {', '.join(texts)}\n\nNext:\n  cd {name}\n  infergraph run {name}.yaml\n  pytest")


def module_of(name: str) -> str:
    """The module of a component: spam-filter is in spam_filter.py."""
    return name.replace("-", "_")


def texts_of(name: str, kind: str) -> dict[str, str]:
    """The files of a new component, by their names."""
    module = module_of(name)
    class_name = "".join(part.capitalize() for part in name.split("-"))
    words = {"name": name, "module": module, "class_name": class_name, "type": _SPOKEN.get(kind, kind)}
    written = {
        f"{module}.py": f"{kind}/component.py",
        f"{name}.yaml": f"{kind}/manifest.yaml",
        f"test_{module}.py": f"{kind}/test.py",
        "conftest.py": "conftest.py",
        "contract.json": f"{kind}/contract.json",
        "requirements.txt": "requirements.txt",
        "README.md": "README.md",
    }
    return {file: Template(_template(source)).substitute(words) for file, source in written.items()}


_SPOKEN = {"transformer": "transformer of inputs", "output-transformer": "transformer of outputs"}


def _template(source: str) -> str:
    found: Traversable = files("infergraph.cli").joinpath("templates", *f"{source}.template".split("/"))
    return found.read_text(encoding="utf-8")


def _check(name: str) -> None:
    """:raises click.UsageError: when no deployment or no module can have this name."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise click.UsageError(
            f"NAME: expected at most {_LONGEST} small letters, digits and dashes, a letter first, such as "
            f"spam-filter; got {name!r:.100}"
        )
    module = module_of(name)
    if keyword.iskeyword(module):
        raise click.UsageError(f"NAME: {module!r} is a word of Python, so it cannot be a module; try {name}-model")
    if importlib.util.find_spec(module) is not None:
        raise click.UsageError(f"NAME: {module}.py would hide the module `{module}` of Python's; try {name}-model")


def _new_folder(name: str) -> Path:
    """:raises click.ClickException: when there is something already, or a folder cannot be made."""
    folder = Path(name)
    try:
        folder.mkdir(exist_ok=True)
        if any(folder.iterdir()):
            raise click.ClickException(f"{folder}/ is not empty, and nothing in it was changed; choose another name")
    except FileExistsError:
        raise click.ClickException(f"{folder} is there already, and is no folder; choose another name") from None
    except OSError as error:
        raise click.ClickException(f"{folder}/ cannot be made: {error.strerror}") from None
    return folder
