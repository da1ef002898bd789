"""The components of a deployment, loaded: from each unit of the manifest to the object that does its work."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
import structlog

from infergraph import __version__
from infergraph.components import Component
from infergraph.components.builtin import BUILTIN
from infergraph.components.environment import set_environment
from infergraph.components.python_class import build
from infergraph.declaration import Container, EndpointType, Manifest, PredictiveUnit, Predictor
from infergraph.errors import ArtifactError, LoadError
from infergraph.graph.prepackaged import constructed, server_of
from infergraph.graph.remote import Address, Addresses, CallLimits, RemoteUnit
from infergraph.graph.remote.transports import Transports
from infergraph.telemetry import DeploymentMetrics, UnitMetrics

log = structlog.get_logger("infergraph.load")

CLASS_PARAMETER = "python_class"
OWN_IMAGE = f"infergraph:{__version__}"


class Sources(msgspec.Struct, frozen=True):
    """Where code and models come from when the manifest does not say, or says it for a cluster.

    ``artifacts`` maps a modelUri to a local path, ``classes`` a unit's name to ``module:Class``, ``endpoints`` a
    unit's name to the ``host:port`` of the process that runs it, ``servers`` an implementation's name to the
    ``module:Class`` of a prepackaged server of the user's own.
    """

    artifacts: Mapping[str, Path] = {}
    classes: Mapping[str, str] = {}
    endpoints: Mapping[str, str] = {}
    servers: Mapping[str, str] = {}


class Preloaded(msgspec.Struct, frozen=True):
    """The object behind a unit, loaded before this process was forked, and how long that took."""

    target: object
    seconds: float


class Remote(msgspec.Struct, frozen=True):
    """Which units of a deployment run in other processes, what calls them, and what limits a call."""

    addresses: Addresses
    transports: Transports
    limits: Mapping[EndpointType, CallLimits]

    def unit(self, name: str, address: Address, image: str, metrics: UnitMetrics) -> RemoteUnit:
        """One of them. :raises LoadError: when what calls it is not installed."""
        transport, limits = self.transports.of(address.transport), self.limits[address.transport]
        return RemoteUnit(name, address, transport, image=image, limits=limits, metrics=metrics)


Preloads = Mapping[str, Mapping[str, Preloaded]]
"""Those of a deployment: predictor name, then unit name."""


def preload_deployment(manifest: Manifest, sources: Sources, addresses: Addresses) -> Preloads:
    """The objects behind every unit that runs here, to be given to `load_deployment` in each fork of this process.

    :raises LoadError: when one does not load; also ArtifactError, when model files are missing.
    """
    _check_classes(manifest, sources)
    return {
        predictor.name: {
            unit.name: _preloaded(unit, predictor, manifest, sources)
            for unit in predictor.units()
            if unit.name not in addresses[predictor.name]
        }
        for predictor in manifest.deployment.spec.predictors
    }


def load_deployment(
    manifest: Manifest,
    sources: Sources,
    metrics: DeploymentMetrics | None = None,
    preloads: Preloads | None = None,
    remote: Remote | None = None,
) -> dict[str, dict[str, Component | RemoteUnit]]:
    """Every component of every predictor: predictor name, then unit name. ``metrics`` takes what they report.

    What is in ``preloads`` is loaded already, and what is in ``remote`` runs in another process.

    :raises LoadError: when one does not load; also ArtifactError, when model files are missing.
    """
    deployment = manifest.deployment
    metrics = metrics or DeploymentMetrics(deployment)
    _check_classes(manifest, sources)
    loaded: dict[str, dict[str, Component | RemoteUnit]] = {}
    for predictor in deployment.spec.predictors:
        components = loaded[predictor.name] = {}
        for unit in predictor.units():
            if remote is not None and (address := remote.addresses[predictor.name].get(unit.name)) is not None:
                image = _image(predictor.container(unit.name))
                its = metrics.unit(predictor, unit.name, image)
                components[unit.name] = remote.unit(unit.name, address, image, its)
                fields = _log_fields(unit, predictor, manifest, sources)
                log.info("unit_elsewhere", **fields, address=str(address), transport=address.transport)
                continue
            one = preloads[predictor.name][unit.name] if preloads else _preloaded(unit, predictor, manifest, sources)
            components[unit.name] = _component(unit, predictor, one, sources, metrics)
            fields = _log_fields(unit, predictor, manifest, sources)
            log.info("unit_loaded", **fields, seconds=round(one.seconds, 3))
    return loaded


def _preloaded(unit: PredictiveUnit, predictor: Predictor, manifest: Manifest, sources: Sources) -> Preloaded:
    started = perf_counter()
    log.info("unit_loading", **_log_fields(unit, predictor, manifest, sources))
    container = predictor.container(unit.name)
    if container is not None:
        set_environment(container.env, unit.name)
    try:
        target = _target(unit, container, manifest.path.parent, sources)
    except ArtifactError as error:
        raise ArtifactError(f"unit `{unit.name}`: {error}") from error
    Component(unit.name, target, threads=_threads(container)).load()
    return Preloaded(target, perf_counter() - started)


def _component(
    unit: PredictiveUnit, predictor: Predictor, loaded: Preloaded, sources: Sources, metrics: DeploymentMetrics
) -> Component:
    container = predictor.container(unit.name)
    image = _image(container)
    its = metrics.unit(predictor, unit.name, image)
    its.loaded(loaded.seconds)
    return Component(
        unit.name,
        loaded.target,
        image=image,
        threads=_threads(container),
        takes_table=_takes_table(unit, loaded.target, sources),
        reporter=its,
        shows_metrics=_shows_metrics(container),
    )


def _log_fields(unit: PredictiveUnit, predictor: Predictor, manifest: Manifest, sources: Sources) -> dict[str, str]:
    return {
        "deployment": manifest.deployment.name,
        "predictor": predictor.name,
        "unit": unit.name,
        "source": _source(unit, sources),
    }


def _target(unit: PredictiveUnit, container: Container | None, folder: Path, sources: Sources) -> object:
    parameters: dict[str, Any] = {parameter.name: parameter.typed() for parameter in unit.parameters}
    spec = sources.classes.get(unit.name) or parameters.pop(CLASS_PARAMETER, None)
    parameters.pop(CLASS_PARAMETER, None)
    if spec:
        return build(str(spec), folder, parameters, unit.name)
    if unit.implementation in BUILTIN:
        return constructed(BUILTIN[unit.implementation], parameters, unit)
    if unit.is_prepackaged:
        return server_of(unit, parameters, folder, artifacts=sources.artifacts, own=sources.servers)
    image = container.image if container and container.image else "no image"
    raise LoadError(
        f"unit `{unit.name}` ({image}) runs code that is not here. Name its class with the unit's parameter "
        f"`{CLASS_PARAMETER}` (module:Class, beside the manifest), or with --component {unit.name}=module:Class, "
        f"and add --isolate {unit.name} where it needs a process and packages of its own; "
        f"where it runs already, say --endpoint {unit.name}=host:port"
    )


def _check_classes(manifest: Manifest, sources: Sources) -> None:
    """A flag for a unit that does not exist is a typing mistake, not a wish."""
    units = {unit.name for predictor in manifest.deployment.spec.predictors for unit in predictor.units()}
    for flag, names in (("--component", sources.classes), ("--endpoint", sources.endpoints)):
        for name in names:
            if name not in units:
                raise LoadError(f"{flag} {name}=…: there is no such unit; the units are {', '.join(sorted(units))}")


def _source(unit: PredictiveUnit, sources: Sources) -> str:
    given = sources.classes.get(unit.name)
    declared = unit.parameter(CLASS_PARAMETER)
    return given or (declared.value if declared else unit.implementation)


def _takes_table(unit: PredictiveUnit, target: object, sources: Sources) -> bool:
    """Whether several named tensors are the columns of a table: for our own servers, unless they say otherwise."""
    is_ours = unit.implementation not in sources.servers
    return _is_server(unit, sources) and bool(getattr(target, "takes_table", is_ours))


def _is_server(unit: PredictiveUnit, sources: Sources) -> bool:
    """Whether a prepackaged server runs here, and not a class that stands in for one."""
    has_class = unit.name in sources.classes or unit.parameter(CLASS_PARAMETER) is not None
    return unit.is_prepackaged and unit.implementation not in BUILTIN and not has_class


def _image(container: Container | None) -> str:
    return container.image if container and container.image else OWN_IMAGE


def _shows_metrics(container: Container | None) -> bool:
    """Whether answers show the metrics that the component reports, as the v1 wrapper's own setting says it."""
    return _env(container).get("INCLUDE_METRICS_IN_CLIENT_RESPONSE", "true").lower() == "true"


def _env(container: Container | None) -> dict[str, str]:
    return {variable.name: variable.value for variable in container.env} if container else {}


def _threads(container: Container | None) -> int:
    """How many calls may run at once: the v1 wrapper's own setting, one when it is not there (SELDON_V1 §4.4)."""
    value = _env(container).get("GUNICORN_THREADS") or "1"
    if not value.isdigit() or not 1 <= int(value) <= 1000:
        raise LoadError(f"GUNICORN_THREADS is a number from 1 to 1000, got {value!r}")
    return int(value)
