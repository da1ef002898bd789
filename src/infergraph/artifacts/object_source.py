"""A file, or everything under a prefix, in an object store: S3, Google Cloud Storage, Azure. With obstore."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from infergraph.artifacts.access import Access
from infergraph.artifacts.addresses import check_host
from infergraph.artifacts.masked import redacted
from infergraph.artifacts.names import safe_name
from infergraph.artifacts.retry import Transient
from infergraph.artifacts.source import RemoteFile
from infergraph.errors import ArtifactError

try:
    import obstore
    from obstore import exceptions
    from obstore.store import AzureStore, GCSStore, S3Store
except ModuleNotFoundError:
    raise ArtifactError("gs://, s3:// and Azure need obstore; pip install 'infergraph[artifacts]' brings it") from None

_STORES: dict[str, Any] = {"s3": S3Store, "gcs": GCSStore, "azure": AzureStore}
_READ_BYTES = 1024 * 1024
# Its own attempts are for credentials only: ours are seen, and the same for every store.
_RETRY: Any = {"max_retries": 0, "retry_timeout": timedelta(seconds=30)}
_SILENCE: Any = {"timeout": "300s", "connect_timeout": "10s", "read_timeout": "60s"}


class ObjectSource:
    """``gs://``, ``s3://``, the forms of Azure, and rclone's remotes of these kinds."""

    def __init__(self, access: Access) -> None:
        self.shown = access.shown
        self.identity = f"{access.kind} {access.endpoint} {access.account} {access.container} {access.path}"
        self._access = access
        if access.host:
            check_host(access.host)
        options = {**_SILENCE, **access.client_options}
        try:
            self._store = _STORES[access.kind](
                access.container, config=access.config, client_options=options, retry_config=_RETRY
            )
        except (exceptions.BaseError, ValueError, TypeError) as error:
            raise ArtifactError(f"modelUri {self.shown}: {self._said(error)}") from None

    def files(self) -> list[RemoteFile]:
        refused: Exception | None = None
        try:
            if found := self._below():
                return found
        except ArtifactError as error:  # who may read one object may often not list all
            refused = error
        if single := self._single():
            return [single]
        raise refused or ArtifactError(
            f"modelUri {self.shown}: nothing is there, neither an object nor a folder of this name "
            f"(credentials: {self._access.tried})"
        )

    def read(self, file: RemoteFile, start: int, end: int | None) -> Iterator[memoryview]:
        options: Any = {"range": (start, end), "if_match": file.version or None}
        try:
            for data in obstore.get(self._store, file.key, options=options).stream(min_chunk_size=_READ_BYTES):
                yield memoryview(data)
        except exceptions.PreconditionError:
            raise ArtifactError(f"modelUri {self.shown}: {file.name} changed while it was fetched") from None
        except (exceptions.BaseError, ValueError) as error:
            raise self._error(error) from None

    def _below(self) -> list[RemoteFile]:
        path = self._access.path
        try:
            found = [meta for batch in obstore.list(self._store, prefix=path or None) for meta in batch]
        except (exceptions.BaseError, ValueError) as error:
            raise self._error(error) from None
        folders = {meta["path"].rpartition("/")[0] for meta in found}
        names = [(meta["path"].removeprefix(path).lstrip("/"), meta) for meta in found]
        # An empty object with a folder's name stands for the folder.
        return [
            self._file(name, meta) for name, meta in names if name and (meta["size"] or meta["path"] not in folders)
        ]

    def _single(self) -> RemoteFile | None:
        if not self._access.path:
            return None
        try:
            meta = obstore.head(self._store, self._access.path)
        except (FileNotFoundError, exceptions.NotFoundError):
            return None
        except (exceptions.BaseError, ValueError) as error:
            raise self._error(error) from None
        return self._file(self._access.path.rpartition("/")[2], meta)

    def _file(self, name: str, meta: Any) -> RemoteFile:
        return RemoteFile(
            name=safe_name(name, f"modelUri {self.shown}"),
            key=meta["path"],
            size=meta["size"],
            version=meta["e_tag"] or meta["last_modified"].isoformat(),
        )

    def _error(self, error: Exception) -> Exception:
        if type(error) is exceptions.GenericError and not _FINAL.search(str(error)):
            return Transient(self._said(error))
        return ArtifactError(f"modelUri {self.shown}: {self._said(error)}{_hint(error)}")

    def _said(self, error: Exception) -> str:
        """What the store said, in a line, and to whom."""
        text = redacted(str(error).partition("\n\nDebug source")[0], self._access.secrets)
        line = " ".join(re.sub(r"<[^>]*>", " ", text).split())
        return f"{line[:600]} (credentials: {self._access.tried})"


def _hint(error: Exception) -> str:
    return "; AWS_REGION says where the bucket is" if "region" in str(error).lower() else ""


# Only some of what a store refuses has a class of its own.
_FINAL = re.compile(r"status(?: code:)? (?!408|429)[34]\d\d|redirect without")
