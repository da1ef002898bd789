"""The one predictor that an engine runs, as the operator hands it over or as a file has it (SELDON_V1 §2.5, §3.1)."""

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import structlog
from msgspec.structs import replace

from infergraph.declaration.deployment import API_VERSIONS, KIND, SeldonDeployment
from infergraph.declaration.document import Document, read_documents
from infergraph.declaration.kinds import deployments_in
from infergraph.declaration.manifest import Manifest
from infergraph.declaration.predictor import Predictor
from infergraph.declaration.problem import Problem
from infergraph.declaration.shape import check_shape
from infergraph.declaration.sources import read_sources
from infergraph.errors import BadManifest

log = structlog.get_logger("infergraph.run")

VARIABLE = "ENGINE_PREDICTOR"
NOT_SET = f"Predictor not found, enviroment variable {VARIABLE} not set"  # as the v1 executor spells it
_HOW = "set it as the operator does, to the predictor's JSON in base64, or name a manifest with --file"


class EngineIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """Which predictor of which deployment an engine runs, and the annotations of its pod."""

    deployment: str
    namespace: str
    predictor: str
    protocol: str = "seldon"
    transport: str = "rest"
    annotations: Mapping[str, str] = {}


def predictor_of_variable(text: str, identity: EngineIdentity) -> Manifest:
    """The predictor that ``ENGINE_PREDICTOR`` holds: JSON in base64, with every default filled in by the operator.

    The operator's word is taken: its rules are not applied once more, and fields that are not known here, of a later
    operator say, are logged and left out.

    :raises BadManifest: when it is not set, or is no predictor.
    """
    if not text.strip():
        raise BadManifest(f"{NOT_SET}; {_HOW}")
    data = {
        "apiVersion": API_VERSIONS[0],
        "kind": KIND,
        "metadata": {"name": identity.deployment, "namespace": identity.namespace},
        "spec": {"predictors": [_decoded(text)]},
    }
    documents, problems = read_documents(msgspec.json.encode(data).decode(), file=f"{VARIABLE}.json")
    if not documents:
        raise BadManifest("\n".join(_said(problem, VARIABLE) for problem in problems))
    return _manifest(documents[0], Path(VARIABLE), identity, is_named=False)


def predictor_of_file(path: Path, identity: EngineIdentity) -> Manifest:
    """The predictor of a file that holds a SeldonDeployment, chosen by its name.

    :raises BadManifest: when the file cannot be read, is no SeldonDeployment, or has no such predictor.
    """
    if path.suffix not in (".yaml", ".yml", ".json"):
        raise BadManifest(
            f"Unsupported file type {path.suffix or 'without a suffix'}: {path}; expected .yaml, .yml or .json"
        )
    (source,) = read_sources([path])
    if isinstance(source, Problem):
        raise BadManifest(str(source))
    documents, problems = read_documents(source.text, file=str(path))
    found, misfits, _ = deployments_in(documents)
    if problems or misfits:
        raise BadManifest("\n".join(map(str, (*problems, *misfits))))
    if not found:
        raise BadManifest(f"{path}: expected a SeldonDeployment, found none")
    return _manifest(found[0], path, identity, is_named=True)


def _decoded(text: str) -> Any:
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadManifest(f"{VARIABLE} is no base64: {error}; {_HOW}") from None
    try:
        return msgspec.json.decode(decoded)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadManifest(f"{VARIABLE} is base64 of what is no JSON: {error}; {_HOW}") from None


def _manifest(document: Document, path: Path, identity: EngineIdentity, *, is_named: bool) -> Manifest:
    deployment, problems = check_shape(document)
    if deployment is None or (is_named and problems):
        told = (_said(problem, str(path)) for problem in problems)
        raise BadManifest("\n".join(told))
    for problem in problems:
        log.warning("field_not_read", what=_said(problem, str(path)))
    predictor = _chosen(deployment, identity.predictor, is_named=is_named)
    return Manifest(_alone(deployment, predictor, identity), path)


def _said(problem: Problem, file: str) -> str:
    return str(replace(problem, file=file, line=0, column=0))


def _chosen(deployment: SeldonDeployment, name: str, *, is_named: bool) -> Predictor:
    predictors = deployment.spec.predictors
    if not is_named:  # the variable has one, whatever its name is
        return predictors[0]
    for predictor in predictors:
        if predictor.name == name:
            return predictor
    known = ", ".join(predictor.name for predictor in predictors) or "none"
    raise BadManifest(f"Predictor not found {name}; the predictors of {deployment.name} are {known}")


def _alone(deployment: SeldonDeployment, predictor: Predictor, identity: EngineIdentity) -> SeldonDeployment:
    """The deployment with this predictor only, which has all of the engine's traffic."""
    predictor = replace(predictor, name=identity.predictor, traffic=0, shadow=False, explainer=None)
    annotations = {**deployment.metadata.annotations, **deployment.spec.annotations, **identity.annotations}
    metadata = replace(deployment.metadata, name=identity.deployment, namespace=identity.namespace)
    spec = replace(
        deployment.spec,
        predictors=(predictor,),
        annotations=annotations,
        protocol=identity.protocol,
        transport=identity.transport,
        server_type="",
    )
    return replace(deployment, metadata=metadata, spec=spec)
