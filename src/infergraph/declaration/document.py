"""A document of a file as plain data, with the line of each value."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import yaml

from infergraph.declaration.limits import MAX_BYTES, check_limits
from infergraph.declaration.nodes import Place, plain
from infergraph.declaration.problem import At, Problem
from infergraph.declaration.unreadable import Unreadable

# libyaml is ten times as fast, but not in every build of PyYAML.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOT_TEXT: Final = yaml.reader.Reader.NON_PRINTABLE
_JSON_ESCAPE: Final = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)", re.DOTALL)


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One document, or one item of a List: its data and where each part of it stands."""

    data: Any
    file: str
    places: Mapping[At, Place]
    root: At = ()

    def place(self, at: At) -> Place:
        """Where a value stands; for one that is not there, what would hold it."""
        full = self.root + at
        while full not in self.places:
            full = full[:-1]
        return self.places[full]

    def located(self, problem: Problem) -> Problem:
        """The same problem with its file and line."""
        return msgspec.structs.replace(problem, file=self.file, line=problem.line or self.place(problem.at).line)

    def items(self) -> Iterator["Document"]:
        """The entries of ``items`` as documents of their own."""
        for index, item in enumerate(self.data["items"]):
            yield msgspec.structs.replace(self, data=item, root=(*self.root, "items", index))


def read_documents(text: str, *, file: str) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
    """Read the YAML or JSON documents of a text; empty ones are left out. Nothing is raised for what stands in it.

    The limits are those of ``limits``: 1.5 MiB, 200 levels, 100,000 nodes with aliases expanded.
    """
    text = _json_as_yaml(text) if file.endswith(".json") else text
    problems: list[Problem] = []
    try:
        nodes = _compose(text)
    except Unreadable as error:
        return (), (error.problem(text, file),)
    documents = []
    for node in nodes:
        data, places, found = plain(node)
        document = Document(data=data, file=file, places=places)
        problems += map(document.located, found)
        if data is not None:
            documents.append(document)
    return tuple(documents), tuple(problems)


def _compose(text: str) -> list[Any]:
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        raise Unreadable("the file is larger than 1.5 MiB, the most that Kubernetes can store in one object", 0, 0)
    if found := _NOT_TEXT.search(text):
        raise _not_text(text, found.start())
    try:
        check_limits(yaml.parse(text, Loader=_Loader))
        return list(yaml.compose_all(text, Loader=_Loader))
    except yaml.YAMLError as error:
        raise Unreadable.from_yaml(error, text) from None


def _not_text(text: str, index: int) -> Unreadable:
    before = text[:index]
    message = f"the character U+{ord(text[index]):04X} is not allowed; is this a text file in UTF-8?"
    return Unreadable(message, before.count("\n") + 1, index - before.rfind("\n"))


def _json_as_yaml(text: str) -> str:
    """YAML refuses two things that JSON allows: tabs between values, and characters escaped as two halves."""
    return _JSON_ESCAPE.sub(_joined, text.replace("\t", " "))


def _joined(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return escape[0]
    return f"\\U{0x10000 + ((int(escape[1], 16) & 0x3FF) << 10) + (int(escape[2], 16) & 0x3FF):08X}"
