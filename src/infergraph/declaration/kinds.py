"""Which documents of a file are SeldonDeployments."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from infergraph.declaration.deployment import API_VERSIONS, GROUP, KIND
from infergraph.declaration.document import Document
from infergraph.declaration.problem import Problem
from infergraph.declaration.words import described

_EXPECTED = f"expected apiVersion: {API_VERSIONS[0]} and kind: {KIND}"


class Skipped(Struct, frozen=True, kw_only=True):
    """A document of another kind: none of our business, and worth a note."""

    kind: str
    name: str
    file: str
    line: int


def deployments_in(
    documents: Iterable[Document],
) -> tuple[tuple[Document, ...], tuple[Problem, ...], tuple[Skipped, ...]]:
    """The documents that are SeldonDeployments, the problems of those that should be, and those that are not."""
    found: list[Document] = []
    problems: list[Problem] = []
    skipped: list[Skipped] = []
    for document in _unpacked(documents):
        problem = _misfit(document)
        if problem is not None:
            problems.append(document.located(problem))
        elif document.data["kind"] == KIND:
            found.append(document)
        else:
            skipped.append(_skipped(document))
    return tuple(found), tuple(problems), tuple(skipped)


def _unpacked(documents: Iterable[Document]) -> Iterator[Document]:
    for document in documents:
        if _is_list(document.data):
            yield from document.items()
        else:
            yield document


def _is_list(data: object) -> bool:
    is_kind = isinstance(data, dict) and data.get("kind") in ("List", f"{KIND}List")
    return is_kind and isinstance(data, dict) and isinstance(data.get("items"), list)


def _misfit(document: Document) -> Problem | None:
    """Why a document is neither a SeldonDeployment nor something else of Kubernetes."""
    data = document.data
    if not isinstance(data, dict):
        return Problem(message=f"{_EXPECTED}, got {described(data, document.place(()).text)}")
    kind, version = data.get("kind"), data.get("apiVersion")
    if not isinstance(kind, str) or not kind:
        return Problem(message=f"{_EXPECTED}, but there is no kind")
    is_ours = isinstance(version, str) and version.split("/")[0] == GROUP
    if kind == KIND and version not in API_VERSIONS:
        return _wrong(document, "apiVersion", f"expected one of {', '.join(API_VERSIONS)}")
    if kind != KIND and is_ours:
        return _wrong(document, "kind", f"expected {KIND}")
    return None


def _wrong(document: Document, key: str, expected: str) -> Problem:
    got = described(document.data.get(key), document.place((key,)).text)
    return Problem(message=f"{expected}, got {got}", path=key, at=(key,))


def _skipped(document: Document) -> Skipped:
    metadata = document.data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    line = document.place(()).line
    return Skipped(kind=document.data["kind"], name=str(name or ""), file=document.file, line=line)
