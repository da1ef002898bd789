"""Units that run inside the engine: which ones can, and what their containers' entries say of the one container.

A unit with a prepackaged implementation and no image of its own needs no process of its own. What the user wrote of its
container (resources, environment, probes, volumes) holds for the engine's container then.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from infergraph.declaration import Container, Predictor, ResourceRequirements
from infergraph.kubernetes.objects.quantities import added
from infergraph.kubernetes.objects.settings import Settings

ENGINE: Final = "seldon-container-engine"
_OWN_PROCESS: Final = ("image", "command", "args", "working_dir", "stdin", "tty", "volume_devices", "restart_policy")
"""What only a process of its own can follow."""
_ONE_VALUE: Final = ("liveness_probe", "readiness_probe", "startup_probe", "lifecycle", "security_context")
"""What two units that share a container can only say alike."""
_PORT_NAMES: Final = frozenset({"http", "grpc"})
_COUNTED: Final = frozenset({"cpu", "memory", "ephemeral-storage"})


def fused_units(predictor: Predictor, settings: Settings) -> frozenset[str]:
    """The units of the first pod that run inside the engine.

    One whose entry contradicts that of a unit before it, such as another value of a variable, gets its own container.
    """
    entries = {container.name: container for container in predictor.component_specs[0].containers}
    engine = Container(name=ENGINE, env=predictor.svc_orch_spec.env if predictor.svc_orch_spec else ())
    fused: list[Container] = [engine]
    for unit in predictor.units():
        entry = entries.get(unit.name)
        has_runtime = unit.is_prepackaged and settings.runtime(unit.implementation)
        if entry and has_runtime and _needs_no_process(entry) and all(_agree(one, entry) for one in fused):
            fused.append(entry)
    return frozenset(container.name for container in fused[1:])


def joined(engine: Container, entries: Iterable[Container]) -> Container:
    """The engine's container with what the entries of its units say."""
    entries = list(entries)
    numbers = {port.container_port for port in engine.ports}
    more_ports = [
        port
        for entry in entries
        for port in entry.ports
        if port.name not in _PORT_NAMES and not port.name.startswith("metrics") and port.container_port not in numbers
    ]
    whole = replace(
        engine,
        resources=_summed([engine, *entries]) if entries else engine.resources,
        ports=(*engine.ports, *_once(more_ports, "container_port")),
        env=_once([*engine.env, *(one for entry in entries for one in entry.env)], "name"),
        env_from=(*engine.env_from, *(one for entry in entries for one in entry.env_from)),
        volume_mounts=_once([*engine.volume_mounts, *(one for e in entries for one in e.volume_mounts)], "mount_path"),
    )
    return replace(whole, **{name: _said(name, [whole, *entries]) for name in ("lifecycle", "startup_probe")})


def _needs_no_process(entry: Container) -> bool:
    return not any(getattr(entry, name) for name in _OWN_PROCESS)


def _agree(one: Container, other: Container) -> bool:
    return (
        _same_where_both({e.name: e for e in one.env}, {e.name: e for e in other.env})
        and _same_where_both(
            {m.mount_path: m for m in one.volume_mounts}, {m.mount_path: m for m in other.volume_mounts}
        )
        and all(_same_if_both(getattr(one, name), getattr(other, name)) for name in _ONE_VALUE)
    )


def _same_where_both(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[key] == other[key] for key in one.keys() & other.keys())


def _same_if_both(one: Any, other: Any) -> bool:
    return not one or not other or one == other


def _said(name: str, containers: Iterable[Container]) -> Any:
    return next((value for container in containers if (value := getattr(container, name))), None)


def _once(items: Iterable[Any], key: str) -> tuple[Any, ...]:
    found: dict[Any, Any] = {}
    for item in items:
        found.setdefault(getattr(item, key), item)
    return tuple(found.values())


def _summed(containers: list[Container]) -> ResourceRequirements:
    """What all of them need together. Processor and memory have a limit only where each one states its own."""
    stated = [container.resources or ResourceRequirements() for container in containers]
    asked = [{**one.limits, **one.requests} for one in stated]
    limits = [one.limits for one in stated]
    return ResourceRequirements(
        requests={name: added(one[name] for one in asked if name in one) for name in _names(asked)},
        limits={
            name: added(one[name] for one in limits if name in one)
            for name in _names(limits)
            if name not in _COUNTED or all(name in one for one in limits)
        },
        claims=tuple(claim for one in stated for claim in one.claims),
    )


def _names(found: list[Any]) -> list[str]:
    return list(dict.fromkeys(name for one in found for name in one))
