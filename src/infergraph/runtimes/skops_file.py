"""Load a model from a skops file, which holds no code: the types in it are looked at before anything is made."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from infergraph.errors import LoadError
from infergraph.runtimes.package import needed


def load_skops(file: Path, trusted: Collection[str]) -> Any:
    """Return the object in ``file``. Its types are skops's own, scikit-learn's, and those named in ``trusted``.

    :raises LoadError: when skops is not installed, or the file holds other types. What else skops raises is for the
        caller to explain.
    """
    skops = needed("skops.io", server="SKLEARN_SERVER", extra="skops")
    found = skops.get_untrusted_types(file=file)
    if unknown := [name for name in found if name not in trusted]:
        raise LoadError(
            f"{file.name} holds types that are not known to be harmless: {', '.join(unknown)}; if you trust them, name "
            "them in the parameter trusted, with commas between them"
        )
    return skops.load(file, trusted=found)
