"""The package that a server needs, imported when a manifest asks for the server."""

import importlib
from typing import Any

from infergraph.errors import LoadError


def needed(module: str, *, server: str, extra: str) -> Any:
    """Return the module ``module``.

    :raises LoadError: when it is not installed, or a library that it is linked to is not there; it names the extra.
    """
    try:
        return importlib.import_module(module)
    except (ImportError, OSError) as error:
        reason = " ".join(str(error).split())
        raise LoadError(f'{server} needs {module}: pip install "infergraph[{extra}]" ({reason})') from None
