"""A model of the Hugging Face Hub, or of a server that speaks like it.

With the hub's own HTTP API (https://huggingface.co/docs/hub/api), so that these files come as all others do: with
progress, resumed, through checked addresses. The library `huggingface_hub` keeps a cache of its own beside ours.
"""

import http.client
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec

from infergraph.artifacts.http_client import failure, get
from infergraph.artifacts.http_source import read_range
from infergraph.artifacts.masked import masked
from infergraph.artifacts.names import safe_name
from infergraph.artifacts.retry import Transient
from infergraph.artifacts.source import RemoteFile
from infergraph.errors import ArtifactError

HUB = "https://huggingface.co"
_URI = re.compile(r"hf://([\w.-]+/[\w.-]+)(?:[@:]([^/]+))?(?:/(.+))?", re.ASCII)
_TOKEN_VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
_MOST_BYTES = 64 * 1024**2
_ADVICE = "there is no such model or revision, or HF_TOKEN has to be of somebody who may read it"
_MOST_NAMES_SHOWN = 10
_OF_GIT = frozenset({".gitattributes", ".gitignore"})


class HuggingFace:
    """``hf://ORGANISATION/MODEL``, at a revision (``@`` or ``:``) or at the main one; all of it, or a part of it.

    ``HF_ENDPOINT`` names another hub, ``HF_TOKEN`` is the token of one who may read what not everybody may; without it,
    that of ``hf auth login``.
    """

    def __init__(self, uri: str, environment: Mapping[str, str]) -> None:
        found = _URI.fullmatch(uri.rstrip("/"))
        if found is None:
            raise ArtifactError(
                f"modelUri {masked(uri)}: expected hf://ORGANISATION/MODEL or hf://ORGANISATION/MODEL@REVISION, "
                "and maybe a path after that"
            )
        self.shown = uri  # a token is never in it
        self._model, self._revision, self._part = found[1], found[2] or "main", found[3] or ""
        self._hub = environment.get("HF_ENDPOINT", HUB).rstrip("/")
        token, source = _token(environment)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.identity = f"{self._hub} {self._model}@{self._revision}/{self._part}"
        self._what = f"modelUri {self.shown} ({source})"

    def files(self) -> list[RemoteFile]:
        """Ask for the names, sizes and digests of one commit: what comes belongs together, whatever is pushed since."""
        url = f"{self._hub}/api/models/{self._model}/revision/{quote(self._revision, safe='')}?blobs=true"
        commit = self._commit(url)
        found = [self._file(entry, commit.sha) for entry in commit.siblings if entry.rfilename not in _OF_GIT]
        part = self._part
        chosen = [_below(file, part) for file in found if not part or f"{file.name}/".startswith(f"{part}/")]
        if not chosen:
            holds = ", ".join(file.name for file in found[:_MOST_NAMES_SHOWN]) or "nothing"
            raise ArtifactError(f"{self._what}: there is no {part or 'file'} at {self._revision}; it holds {holds}")
        return chosen

    def read(self, file: RemoteFile, start: int, end: int | None) -> Iterator[bytes]:
        return read_range(file, start, end, what=self._what, headers=self._headers)

    def _commit(self, url: str) -> "_Commit":
        with get(url, self._headers, what=self._what, advice=dict.fromkeys((401, 403, 404), _ADVICE)) as response:
            try:
                body = response.read(_MOST_BYTES)
            except (OSError, http.client.HTTPException) as error:
                raise failure(error, self._what) from None
        try:
            return msgspec.json.decode(body, type=_Commit)
        except msgspec.MsgspecError as error:
            raise Transient(f"{self._hub} answers what is no list of files: {error}") from None

    def _file(self, entry: "_Entry", commit: str) -> RemoteFile:
        """Large files are in a store that has ranges; the others come as a whole."""
        name = safe_name(entry.rfilename, self._what)
        version = f"sha256-{entry.lfs.sha256}" if entry.lfs else f"sha1-{entry.blobId}"
        key = f"{self._hub}/{self._model}/resolve/{quote(commit, safe='')}/{quote(name)}"
        return RemoteFile(name=name, key=key, size=entry.size, version=version, has_ranges=entry.lfs is not None)


class _Lfs(msgspec.Struct, frozen=True):
    sha256: str


class _Entry(msgspec.Struct, frozen=True):
    rfilename: str
    size: int | None = None
    blobId: str = ""  # noqa: N815 - the hub's name
    lfs: _Lfs | None = None


class _Commit(msgspec.Struct, frozen=True):
    sha: str
    siblings: list[_Entry]


def _below(file: RemoteFile, part: str) -> RemoteFile:
    """The file with its name in the part that was asked for."""
    name = file.name.removeprefix(part).lstrip("/") or part.rpartition("/")[2]
    return msgspec.structs.replace(file, name=name)


def _token(environment: Mapping[str, str]) -> tuple[str, str]:
    """The token, and where it is from, in words."""
    for variable in _TOKEN_VARIABLES:
        if token := environment.get(variable, "").strip():
            return token, f"with the token in {variable}"
    file = _token_file(environment)
    try:
        token = file.read_text().strip()
    except (OSError, UnicodeError):
        token = ""
    return (token, f"with the token in {file}") if token else ("", f"without a token: no HF_TOKEN, no {file}")


def _token_file(environment: Mapping[str, str]) -> Path:
    """Where `hf auth login` leaves it."""
    if path := environment.get("HF_TOKEN_PATH"):
        return Path(path).expanduser()
    cache = environment.get("XDG_CACHE_HOME", "~/.cache")
    return Path(environment.get("HF_HOME", f"{cache}/huggingface")).expanduser() / "token"
