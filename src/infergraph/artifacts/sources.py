"""From a ``modelUri`` to where its files are."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from infergraph.artifacts.access import access_to, is_store
from infergraph.artifacts.file_source import FileSource
from infergraph.artifacts.locate import is_local, locate
from infergraph.artifacts.masked import masked
from infergraph.artifacts.source import Source
from infergraph.errors import ArtifactError

_AZURE_HOST = re.compile(r"https://[^/@?#]+\.(blob|dfs)\.core\.windows\.net/", re.IGNORECASE)


class NotRead(ArtifactError):
    """Files of this kind are not fetched; a copy of them can be used."""


def source_of(uri: str, *, folder: Path, environment: Mapping[str, str] | None = None) -> Source:
    """Return where the files of ``uri`` are. Nothing is asked for yet.

    ``folder`` is what a relative path is relative to; ``environment`` holds credentials (by default, `os.environ`).

    :raises NotRead: when the URI is of a kind that is not read.
    :raises ArtifactError: when it is malformed.
    """
    known = os.environ if environment is None else environment
    if is_local(uri):
        return FileSource(locate(uri, folder=folder, artifacts={}))
    if uri.lower().startswith(("http://", "https://")) and not _AZURE_HOST.match(uri):
        from infergraph.artifacts.http_source import HttpSource

        return HttpSource(uri)
    if uri.startswith("hf://"):
        from infergraph.artifacts.hugging_face import HuggingFace

        return HuggingFace(uri, known)
    if is_store(uri, known):
        from infergraph.artifacts.object_source import ObjectSource

        return ObjectSource(access_to(uri, known))
    raise NotRead(_refusal(uri))


def _refusal(uri: str) -> str:
    shown = masked(uri)
    remote = re.match(r":?[^/:,]+", shown)
    name = remote[0] if remote else shown
    if uri.startswith("pvc://"):
        return f"modelUri {shown}: a claim is mounted in a cluster, at /mnt/pvc, and here is none"
    if name == "oci":
        return f"modelUri {shown}: oci:// is not fetched; copy the files here with a tool for it"
    if name.startswith(":"):
        return (
            f"modelUri {shown}: name the remote by RCLONE_CONFIG_<REMOTE>_TYPE and so on, and write REMOTE:bucket/path"
        )
    return (
        f"modelUri {shown}: {name!r} is no store that is read here. Known are gs, s3, az, abfs, hf, http, https, "
        "file, pvc and remotes of type s3, google cloud storage or azureblob: "
        f"RCLONE_CONFIG_{name.upper()}_TYPE says so"
    )
