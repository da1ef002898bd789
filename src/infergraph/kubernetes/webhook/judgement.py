"""What is wrong with a SeldonDeployment that somebody wants to store: the sentences of `infergraph validate`."""

from typing import Any

from msgspec import Struct

from infergraph.declaration import SeldonDeployment
from infergraph.declaration.stored import inspect_object
from infergraph.errors import BadManifest
from infergraph.kubernetes.objects import Settings, objects
from infergraph.kubernetes.objects.left_out import left_out


class Judgement(Struct, frozen=True, kw_only=True):
    """Problems refuse an object; warnings only tell who sent it."""

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def judge(data: Any, settings: Settings) -> Judgement:
    """Judge an object: its shape and rules, then whether a cluster takes what it becomes."""
    try:
        deployment, problems = inspect_object(data, servers=settings.known_servers)
        if deployment is None:
            return Judgement(problems=tuple(map(str, problems)))
        return _as_objects(deployment, settings)
    except RecursionError:
        return Judgement(problems=("the object is nested too deeply to be read",))


def _as_objects(deployment: SeldonDeployment, settings: Settings) -> Judgement:
    try:
        objects(deployment, settings)
    except BadManifest as error:
        return Judgement(problems=tuple(str(error).split("\n")))
    return Judgement(warnings=tuple(left_out(deployment)))
