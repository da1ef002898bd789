"""The file of settings that `render` and `operator` take."""

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from infergraph.errors import SetupError

if TYPE_CHECKING:
    from infergraph.kubernetes.objects import Settings


def read_settings(path: Path | None) -> "Settings":
    """The settings of a file; those that stand where nobody says anything, without one.

    :raises SetupError: naming the file, when it cannot be read or says what is not known.
    """
    from infergraph.kubernetes.objects import Settings
    from infergraph.kubernetes.objects.settings import settings_of

    if path is None:
        return Settings()
    try:
        data = yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except OSError as error:
        raise SetupError(f"--settings {path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SetupError(f"--settings {path}: {error}") from None
    try:
        return settings_of(data)
    except SetupError as error:
        raise SetupError(f"--settings {path}: {error}") from None
