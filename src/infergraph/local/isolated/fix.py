"""Environments in which models load that do not load here: `infergraph run --fix` and `infergraph doctor --fix`."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

from infergraph.artifacts.obtain import obtain
from infergraph.declaration import Manifest, PredictiveUnit, Predictor
from infergraph.errors import ArtifactError, LoadError
from infergraph.graph.prepackaged import DIGEST_PARAMETER
from infergraph.local.deployments import defaulted_manifest
from infergraph.local.isolated.environment import environments
from infergraph.local.isolated.selection import runtime_of, unit_key
from infergraph.local.plan import Fix, Plan
from infergraph.runtimes.inspection.artifact import examine
from infergraph.runtimes.inspection.report import Report, Verdict
from infergraph.runtimes.inspection.requirement import requirements

log = structlog.get_logger("infergraph.load")

OLDEST_PYTHON = (3, 11)
"""What InferGraph itself needs."""


def fixed(plan: Plan) -> Plan:
    """The plan with an environment for each prepackaged unit whose model does not fit what is installed here.

    Their model files are fetched, and none is loaded.

    :raises ArtifactError: when model files are missing.
    :raises LoadError: when no environment can be what a model needs.
    """
    fixes: dict[str, Fix] = {}
    for manifest in map(defaulted_manifest, plan.manifests):
        for predictor in manifest.deployment.spec.predictors:
            for unit in predictor.units():
                if unit.model_uri and runtime_of(unit, plan) and unit.name not in plan.endpoints:
                    fixes |= _fix_of(unit, predictor, manifest, plan)
    return msgspec.structs.replace(plan, fixes=fixes)


def _fix_of(unit: PredictiveUnit, predictor: Predictor, manifest: Manifest, plan: Plan) -> Mapping[str, Fix]:
    try:
        digest = unit.parameter(DIGEST_PARAMETER)
        path = obtain(
            unit.model_uri,
            folder=manifest.path.parent,
            artifacts=plan.artifacts,
            sha256=digest.value if digest else None,
        )
        report = examine(path)
        fix = fix_for(report)
    except (ArtifactError, LoadError) as error:
        raise type(error)(f"unit `{unit.name}`: {error}") from error
    if fix is None:
        return {}
    log.info("unit_fixed", unit=unit.name, reason=report.problems[0].text, packages=" ".join(needed(report)))
    return {unit_key(manifest, predictor, unit): fix}


def fix_for(report: Report) -> Fix | None:
    """The environment in which a model loads; None when it does here, or no package would help.

    :raises LoadError: when what it needs runs on no Python that InferGraph runs on.
    """
    if report.verdict is Verdict.LOADS or not report.requirements or not report.server:
        return None
    if report.python and tuple(map(int, report.python.split("."))) < OLDEST_PYTHON:
        raise LoadError(
            f"{Path(report.path).name} needs Python {report.python} or older, and InferGraph needs "
            f"{'.'.join(map(str, OLDEST_PYTHON))}: no environment can be both. Train the model again, or serve it by "
            "an image of its own"
        )
    return Fix(requirements=_written(needed(report), report.python), python=report.python)


def needed(report: Report) -> tuple[str, ...]:
    """What to install beside InferGraph: what the report asks for, and its other packages as they are here."""
    asked = list(report.requirements)
    named = {_name(one) for one in asked}
    for package in report.packages:
        version = package.made_with or package.installed
        if package.name not in named and f"infergraph[{package.name}]" not in asked:
            asked += requirements(package.name, version) if version else (package.name,)
    if any(field.name for field in report.inputs):
        asked.append("pandas")
    return tuple(dict.fromkeys(asked))


def _name(requirement: str) -> str:
    return requirement.partition("==")[0].partition(">=")[0].partition("<")[0]


def _written(packages: tuple[str, ...], python: str | None) -> Path:
    """A file of requirements in the folder of the environments, which is named by what is in it."""
    text = "\n".join([f"# Python {python or 'as it is here'}", *packages, ""])
    folder = environments() / "requirements"
    path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(text)
    except OSError as error:
        raise LoadError(f"{path} cannot be written: {error.strerror}") from error
    return path
