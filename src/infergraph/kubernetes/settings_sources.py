"""Where settings come from: a v1 installation's config map and environment, and a file of our own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from infergraph.errors import SetupError
from infergraph.kubernetes.manager_environment import of_manager_environment
from infergraph.kubernetes.objects.settings import Settings, settings_of
from infergraph.kubernetes.seldon_config import of_seldon_config

FILE_KEY: Final = "settings.yaml"
"""The key of a ConfigMap of our own whose text is a file of settings."""


def merged_settings(
    *, seldon_config: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None, file: Any = None
) -> Settings:
    """The settings of all three. The environment goes before the config map, and the file before both.

    :raises SetupError: saying which of them is wrong, and where.
    """
    of_v1 = joined(of_seldon_config(seldon_config or {}), of_manager_environment(environment or {}))
    settings_of(of_v1)  # a mistake in it is not the file's
    if file is None or isinstance(file, dict):
        return settings_of(joined(of_v1, file or {}))
    return settings_of(file)  # it is no mapping: that is what is said of it


def joined(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Both, mappings within mappings too; what the second one says goes before the first."""
    both = {**first}
    for name, value in second.items():
        before = both.get(name)
        both[name] = joined(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return both


def gathered(
    path: Path | None = None, *, seldon_config: Path | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """The settings of a file, of a `seldon-config` and of an environment, as far as there are any.

    :raises SetupError: as `settings_file` and `read_seldon_config` do, and saying which variable is wrong.
    """
    of_v1 = read_seldon_config(seldon_config) if seldon_config else None
    return _named(path, seldon_config=of_v1, environment=environment)


def settings_file(path: Path) -> Settings:
    """The settings of a file: plain ones, or a ConfigMap with them, ours (``settings.yaml``) or a `seldon-config`.

    :raises SetupError: when it cannot be read, or something in it is wrong.
    """
    return _named(path, seldon_config=None, environment=None)


def _named(
    path: Path | None, *, seldon_config: Mapping[str, str] | None, environment: Mapping[str, str] | None
) -> Settings:
    """All of them; what is wrong in the file is said with its name."""
    before = merged_settings(seldon_config=seldon_config, environment=environment)
    if path is None:
        return before
    data = read_file(path)
    try:
        if is_config_map(data):
            texts = config_map_data(data)
            if FILE_KEY not in texts:
                return merged_settings(seldon_config={**(seldon_config or {}), **texts}, environment=environment)
            data = _loaded(texts[FILE_KEY])
        return merged_settings(seldon_config=seldon_config, environment=environment, file=data)
    except SetupError as error:
        raise SetupError(f"{path}: {error}") from None


def read_file(path: Path) -> Any:
    """The plain data of a file of settings, YAML or JSON.

    :raises SetupError: when it cannot be read.
    """
    try:
        return _loaded(path.read_text())
    except OSError as error:
        raise SetupError(f"{path}: {error.strerror}") from None
    except (SetupError, UnicodeDecodeError) as error:
        raise SetupError(f"{path}: {error}") from None


def _loaded(text: str) -> Any:
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        raise SetupError(str(error)) from None


def read_seldon_config(path: Path) -> Mapping[str, str]:
    """The data of a config map: a folder where a pod mounts it, or the object as a file.

    :raises SetupError: when it cannot be read, or is no config map.
    """
    if path.is_dir():
        return _mounted(path)
    data = read_file(path)
    if not is_config_map(data):
        raise SetupError(f"{path}: expected a ConfigMap, or the folder where one is mounted")
    return config_map_data(data)


def is_config_map(data: Any) -> bool:
    """Whether plain data is a ConfigMap."""
    return isinstance(data, dict) and data.get("kind") == "ConfigMap"


def config_map_data(data: Mapping[str, Any]) -> Mapping[str, str]:
    """The texts of a ConfigMap by key.

    :raises SetupError: when they are none.
    """
    found = data.get("data") or {}
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise SetupError("expected a ConfigMap whose `data` are texts by key")
    return found


def _mounted(folder: Path) -> Mapping[str, str]:
    """The keys are files; the kubelet's own names begin with a dot."""
    try:
        return {file.name: file.read_text() for file in sorted(folder.iterdir()) if not file.name.startswith(".")}
    except OSError as error:
        raise SetupError(f"{folder}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SetupError(f"{folder}: {error}") from None
