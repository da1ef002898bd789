"""The finder that offers the stand-in."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

NAME = "seldon_core"
FOLDER = Path(__file__).parent / NAME


class StandIn:
    """Finds the package, once nobody else has; what is in it is found as in any package."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The package; None for others' modules.

        :raises ImportError: for a module of the real package that the stand-in does not have.
        """
        if name == NAME:
            return spec_from_file_location(name, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)])
        if name.startswith(f"{NAME}.") and path is not None and any(FOLDER in (p, *p.parents) for p in map(Path, path)):
            raise ImportError(f"InferGraph's stand-in for {NAME} has no `{name}`; pip install {NAME} has it", name=name)
        return None


def offer() -> None:
    """Put the finder behind all others. A second time changes nothing."""
    if not any(isinstance(finder, StandIn) for finder in sys.meta_path):
        sys.meta_path.append(StandIn())
