"""The file of settings that `render` and `operator` take."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from infergraph.errors import SetupError

if TYPE_CHECKING:
    from infergraph.kubernetes.objects import Settings


def read_settings(
    path: Path | None, *, seldon_config: Path | None = None, environment: Mapping[str, str] | None = None
) -> "Settings":
    """The settings of a file, of a v1 installation's config map and of its environment, where there are any.

    :raises SetupError: naming the file, when it cannot be read or says what is not known.
    """
    from infergraph.kubernetes.settings_sources import gathered

    try:
        return gathered(path, seldon_config=seldon_config, environment=environment)
    except SetupError as error:
        raise SetupError(f"--settings {error}" if path and str(error).startswith(str(path)) else str(error)) from None
