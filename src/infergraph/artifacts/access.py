"""Which object store a URI means, and with which credentials: from the environment, as SELDON_V1 §6 lists it."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from infergraph.artifacts.masked import masked
from infergraph.errors import ArtifactError

Environment = Mapping[str, str]


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a store, and how to get there.

    ``kind`` is "s3", "gcs" or "azure"; ``tried`` says where the credentials come from, for messages; ``secrets`` are
    what no message may say. ``config`` and ``client_options`` are obstore's.
    """

    kind: str
    shown: str
    container: str
    path: str
    tried: str
    account: str = ""
    endpoint: str = ""
    secrets: tuple[str, ...] = ()
    config: Mapping[str, Any] = {}
    client_options: Mapping[str, Any] = {}

    @property
    def host(self) -> str:
        """The host that the environment names, if any."""
        return urlsplit(self.endpoint).hostname or ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What a URI says: the ``remote`` (its scheme, or rclone's name of it), and what follows."""

    kind: str
    remote: str
    shown: str
    container: str
    path: str
    account: str = ""
    query: str = ""


_KINDS = {
    "s3": "s3",
    "s3a": "s3",
    "gs": "gcs",
    "gcs": "gcs",
    "az": "azure",
    "azure": "azure",
    "azureblob": "azure",
    "abfs": "azure",
    "abfss": "azure",
    "wasb": "azure",
    "wasbs": "azure",
}
_RCLONE_KINDS = {"s3": "s3", "google cloud storage": "gcs", "gcs": "gcs", "azureblob": "azure"}
_REMOTE = re.compile(r"([A-Za-z0-9_][\w.+ -]*):(?://)?(.*)", re.DOTALL)
_AZURE = re.compile(r"https://([^/@?#.]+)\.(?:blob|dfs)\.core\.windows\.net/([^?#]*)(?:\?([^#]*))?", re.IGNORECASE)


def is_store(uri: str, environment: Environment) -> bool:
    """Whether ``uri`` names an object store."""
    if _AZURE.match(uri):
        return True
    found = _REMOTE.match(uri)
    return found is not None and _kind(found[1], environment) is not None


def access_to(uri: str, environment: Environment) -> Access:
    """Return the place that ``uri`` names, with the credentials that ``environment`` holds for it.

    :raises ArtifactError: when the URI is malformed, or the credentials are.
    """
    from infergraph.artifacts.azure import azure_access
    from infergraph.artifacts.gcs import gcs_access
    from infergraph.artifacts.s3 import s3_access

    place = _place(uri, environment)
    if not re.fullmatch(r"[A-Za-z0-9$][\w.$-]*", place.container):
        raise ArtifactError(
            f"modelUri {place.shown}: expected the name of a bucket or container, got {place.container!r}"
        )
    if ".." in place.path.split("/"):
        raise ArtifactError(f"modelUri {place.shown} climbs out of its bucket with '..'")
    ways = {"s3": s3_access, "gcs": gcs_access, "azure": azure_access}
    return ways[place.kind](place, environment)


def _place(uri: str, environment: Environment) -> Place:
    shown = masked(uri)
    if found := _AZURE.match(uri):
        container, _, path = found[2].partition("/")
        return Place(
            kind="azure", remote="azureblob", shown=shown, container=container, path=_tidy(path), account=found[1],
            query=found[3] or "",
        )  # fmt: skip
    parts = _REMOTE.match(uri)
    assert parts is not None  # noqa: S101 - is_store has said so
    remote, rest = parts[1].lower(), parts[2].lstrip("/")
    kind = _kind(remote, environment)
    assert kind is not None  # noqa: S101 - is_store has said so
    container, _, path = rest.partition("/")
    account = ""
    if kind == "azure" and "@" in container:
        container, _, host = container.partition("@")
        account, shown = host.partition(".")[0], uri.partition("?")[0]
        if not re.fullmatch(r"[a-z0-9]+\.(blob|dfs)\.core\.windows\.net", host):
            raise ArtifactError(
                f"modelUri {masked(uri)}: expected CONTAINER@ACCOUNT.dfs.core.windows.net, got the host {host!r}"
            )
    return Place(kind=kind, remote=remote, shown=shown, container=container, path=_tidy(path), account=account)


def _tidy(path: str) -> str:
    return "/".join(part for part in path.split("/") if part)


def _kind(remote: str, environment: Environment) -> str | None:
    """What kind of store a remote is: as rclone's variables declare it, else by its name."""
    declared = option(environment, remote, "TYPE")
    if declared is None:
        return _KINDS.get(remote.lower())
    return _RCLONE_KINDS.get(declared.lower())


def option(environment: Environment, remote: str, name: str) -> str | None:
    """What ``RCLONE_CONFIG_<REMOTE>_<NAME>`` says; None where it is not set or empty."""
    return environment.get(f"RCLONE_CONFIG_{remote.upper()}_{name}") or None


def is_true(text: str | None, *, default: bool) -> bool:
    """What a variable that is on or off says."""
    if text is None or not text.strip():
        return default
    return text.strip().lower() not in {"0", "false", "no", "off", "f", "n"}
