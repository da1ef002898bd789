"""Which units run as microservices of their own."""

from collections.abc import Iterator, Sequence

import structlog

from infergraph.components.builtin import BUILTIN
from infergraph.components.environment import environment_of
from infergraph.components.python_class import located
from infergraph.declaration import Manifest, PredictiveUnit, Predictor
from infergraph.errors import LoadError
from infergraph.graph.load import CLASS_PARAMETER, OWN_IMAGE
from infergraph.graph.prepackaged import DIGEST_PARAMETER
from infergraph.graph.remote import remote_addresses
from infergraph.local.deployments import defaulted_manifest
from infergraph.local.isolated.unit import REQUIREMENTS, IsolatedUnit
from infergraph.local.plan import Plan
from infergraph.local.settings import limits_for
from infergraph.runtimes.catalog import RUNTIMES

ALL = "all"

log = structlog.get_logger("infergraph.load")


def isolated_units(plan: Plan) -> list[IsolatedUnit]:
    """Every unit that ``plan.isolated`` names: UNIT, DEPLOYMENT/UNIT, or ``all`` for each whose code is here.

    :raises LoadError: when there is no such unit, or no code to isolate.
    """
    declared = list(_declared(plan))
    _check_names(plan, [(manifest, unit) for manifest, _, unit in declared])
    return [
        _isolated(unit, predictor, manifest, plan)
        for manifest, predictor, unit in declared
        if _is_wanted(unit, predictor, manifest, plan)
    ]


def _declared(plan: Plan) -> Iterator[tuple[Manifest, Predictor, PredictiveUnit]]:
    for manifest in map(defaulted_manifest, plan.manifests):
        for predictor in manifest.deployment.spec.predictors:
            for unit in predictor.units():
                yield manifest, predictor, unit


def unit_key(manifest: Manifest, predictor: Predictor, unit: PredictiveUnit) -> str:
    """What tells a unit from all others of a plan."""
    deployment = manifest.deployment
    return f"{deployment.namespace}/{deployment.name}/{predictor.name}/{unit.name}"


def runtime_of(unit: PredictiveUnit, plan: Plan) -> str | None:
    """The class of the server that serves a unit here; None when it is no prepackaged one, or a class stands in."""
    server = RUNTIMES.get(unit.implementation)
    return server if server is not None and _class(unit, plan) == server else None


def _names_of(unit: PredictiveUnit, manifest: Manifest) -> set[str]:
    return {unit.name, f"{manifest.deployment.name}/{unit.name}"}


def _check_names(plan: Plan, units: Sequence[tuple[Manifest, PredictiveUnit]]) -> None:
    known = {name for manifest, unit in units for name in _names_of(unit, manifest)}
    for name in plan.isolated:
        if name not in known | {ALL}:
            names = ", ".join(sorted({unit.name for _, unit in units}))
            raise LoadError(f"--isolate {name}: there is no such unit; the units are {names}")
        if (elsewhere := name.rpartition("/")[2]) in plan.endpoints:
            raise LoadError(f"--isolate {name} and --endpoint {elsewhere}=… contradict each other: choose one of them")


def _is_wanted(unit: PredictiveUnit, predictor: Predictor, manifest: Manifest, plan: Plan) -> bool:
    if _names_of(unit, manifest) & set(plan.isolated) or unit_key(manifest, predictor, unit) in plan.fixes:
        return True
    return ALL in plan.isolated and _is_here(unit, predictor, manifest, plan)


def _is_here(unit: PredictiveUnit, predictor: Predictor, manifest: Manifest, plan: Plan) -> bool:
    """Whether it has code that runs on this machine, and not already elsewhere."""
    stated = next(one for one in plan.manifests if one.path == manifest.path and one.line == manifest.line)
    elsewhere = remote_addresses(stated.deployment, plan.endpoints, plan.classes)
    return unit.name not in elsewhere[predictor.name] and _class(unit, plan) is not None


def _class(unit: PredictiveUnit, plan: Plan) -> str | None:
    declared = unit.parameter(CLASS_PARAMETER)
    return plan.classes.get(unit.name) or (declared.value if declared else None) or RUNTIMES.get(unit.implementation)


def _isolated(unit: PredictiveUnit, predictor: Predictor, manifest: Manifest, plan: Plan) -> IsolatedUnit:
    deployment, container = manifest.deployment, predictor.container(unit.name)
    image = container.image if container and container.image else OWN_IMAGE
    if (spec := _class(unit, plan)) is None:
        raise LoadError(_without_code(unit, image))
    is_server = spec == RUNTIMES.get(unit.implementation)
    folder, python_class = located(spec, manifest.path.parent)
    requirements = folder.resolve() / REQUIREMENTS
    fix = plan.fixes.get(unit_key(manifest, predictor, unit))
    own = requirements if requirements.is_file() and not is_server else None
    digest = unit.parameter(DIGEST_PARAMETER)
    not_its_own = {CLASS_PARAMETER, DIGEST_PARAMETER} if is_server else {CLASS_PARAMETER}
    return IsolatedUnit(
        namespace=deployment.namespace,
        deployment=deployment.name,
        predictor=predictor.name,
        name=unit.name,
        python_class=python_class,
        folder=folder.resolve(),
        base=manifest.path.parent,
        requirements=own if fix is None else fix.requirements,
        python=None if fix is None else fix.python,
        parameters=tuple(one for one in unit.parameters if one.name not in not_its_own),
        image=image,
        labels=predictor.labels,
        env=environment_of(container.env, unit.name) if container else {},
        limits=limits_for(deployment, plan.limits),
        model_uri=unit.model_uri if unit.is_prepackaged else "",
        sha256=digest.value if digest and unit.is_prepackaged else None,
        is_server=is_server,
    )


def _without_code(unit: PredictiveUnit, image: str) -> str:
    if unit.implementation in BUILTIN:
        return f"--isolate {unit.name}: {unit.implementation} is built in, and has no code to run in another process"
    if unit.is_prepackaged:
        return f"--isolate {unit.name}: there is no server {unit.implementation} here"
    return (
        f"--isolate {unit.name}: unit `{unit.name}` ({image}) runs code that is not here. Name its class with the "
        f"unit's parameter `{CLASS_PARAMETER}` (module:Class, beside the manifest), or with "
        f"--component {unit.name}=module:Class; where it runs already, say --endpoint {unit.name}=host:port instead"
    )
