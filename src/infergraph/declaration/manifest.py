"""Manifests: from the files that a user names to deployments, or to all that is wrong with them."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from infergraph.declaration.deployment import SeldonDeployment
from infergraph.declaration.document import Document, read_documents
from infergraph.declaration.kinds import Skipped, deployments_in
from infergraph.declaration.problem import Problem, in_order
from infergraph.declaration.rules import check_rules
from infergraph.declaration.server import DEFAULT_SERVERS
from infergraph.declaration.shape import check_shape
from infergraph.declaration.sources import Source, read_sources
from infergraph.errors import BadManifest

KNOWN_SERVERS: Final = frozenset(DEFAULT_SERVERS)


class Manifest(Struct, frozen=True):
    """A deployment and the file that declares it; code and artifacts are looked up beside that file."""

    deployment: SeldonDeployment
    path: Path
    line: int = 1


class Reading(Struct, frozen=True):
    """What came of reading: the manifests without a problem, the problems, and the documents of other kinds."""

    manifests: tuple[Manifest, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def read_manifests(paths: Sequence[str | Path], *, servers: Collection[str] = KNOWN_SERVERS) -> tuple[Manifest, ...]:
    """Read every SeldonDeployment of the files, folders and, for ``-``, of stdin.

    ``servers`` are the prepackaged servers that there are.

    :raises BadManifest: with every problem of every file, one a line, sorted by file and line.
    """
    reading = inspect_manifests(paths, servers=servers)
    if reading.problems:
        raise BadManifest("\n".join(map(str, reading.problems)))
    return reading.manifests


def inspect_manifests(paths: Sequence[str | Path], *, servers: Collection[str] = KNOWN_SERVERS) -> Reading:
    """The same, with the problems as values; only the manifests without a problem are among the results."""
    sources = list(read_sources(paths))
    readings = [_problem_or_inspected(source, servers) for source in sources]
    reading = _unique(_joined(readings))
    if sources and not (reading.manifests or reading.problems):
        return replace(reading, problems=(_nothing(str(paths[0])),))
    return reading


def inspect_text(text: str, *, file: str = "-", servers: Collection[str] = KNOWN_SERVERS) -> Reading:
    """Read a text as if it stood in ``file``. Nothing that can stand in it raises."""
    return _inspect(Source(Path(file), text, is_named=True), servers)


def _problem_or_inspected(source: Source | Problem, servers: Collection[str]) -> Reading:
    return Reading(problems=(source,)) if isinstance(source, Problem) else _inspect(source, servers)


def _inspect(source: Source, servers: Collection[str]) -> Reading:
    documents, problems = read_documents(source.text, file=str(source.path))
    deployments, misfits, skipped = deployments_in(documents)
    readings = [_check(document, source.path, servers) for document in deployments]
    if source.is_named and not (deployments or misfits or problems):
        misfits = (_nothing(str(source.path)),)
    return _joined([Reading(problems=(*problems, *misfits), skipped=skipped), *readings])


def _check(document: Document, path: Path, servers: Collection[str]) -> Reading:
    """Shape first: the rules speak about a deployment, and where a value is missing or wrong there is none."""
    deployment, problems = check_shape(document)
    if deployment is not None:
        problems += check_rules(deployment, servers=servers)
    if deployment is None or problems:
        return Reading(problems=tuple(map(document.located, problems)))
    return Reading(manifests=(Manifest(deployment, path, document.place(()).line),))


def _joined(readings: Iterable[Reading]) -> Reading:
    readings = tuple(readings)
    problems = (problem for reading in readings for problem in reading.problems)
    return Reading(
        manifests=tuple(manifest for reading in readings for manifest in reading.manifests),
        problems=in_order(problems),
        skipped=tuple(skipped for reading in readings for skipped in reading.skipped),
    )


def _nothing(file: str) -> Problem:
    hint = "one begins with\napiVersion: machinelearning.seldon.io/v1\nkind: SeldonDeployment"
    return Problem(message="expected a SeldonDeployment, found none", hint=hint, file=file)


def _unique(reading: Reading) -> Reading:
    """Each deployment once; a second one of the same name is a problem."""
    first: dict[str, Manifest] = {}
    repeated = []
    for manifest in reading.manifests:
        name = f"{manifest.deployment.namespace}/{manifest.deployment.name}"
        other = first.setdefault(name, manifest)
        if other is not manifest:
            repeated.append(_declared_twice(name, manifest, other))
    return _joined([Reading(tuple(first.values()), tuple(repeated)), replace(reading, manifests=())])


def _declared_twice(name: str, manifest: Manifest, other: Manifest) -> Problem:
    message = f'Invalid value: "{name}": this deployment is declared already, at {other.path}:{other.line}'
    return Problem(message=message, path="metadata.name", file=str(manifest.path), line=manifest.line)
