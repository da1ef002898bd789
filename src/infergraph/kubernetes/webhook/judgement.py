"""What is wrong with a SeldonDeployment that somebody wants to store: the sentences of `infergraph validate`."""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from infergraph.declaration import SeldonDeployment, inspect_text
from infergraph.errors import BadManifest
from infergraph.kubernetes.objects import Settings, objects
from infergraph.kubernetes.objects.left_out import left_out

_FILE: Final = "object.json"


class Judgement(Struct, frozen=True, kw_only=True):
    """Problems refuse an object; warnings only tell who sent it."""

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def judge(text: str, settings: Settings) -> Judgement:
    """Judge an object as JSON: its shape and rules, then whether a cluster takes what it becomes."""
    reading = inspect_text(text, file=_FILE, servers=settings.known_servers)
    if reading.problems:
        # The lines are those of JSON that the API server wrote: nobody has them before his eyes.
        nowhere = [replace(problem, file="", line=0, column=0) for problem in reading.problems]
        return Judgement(problems=tuple(map(str, nowhere)))
    if not reading.manifests:
        return Judgement(problems=("expected a SeldonDeployment, found none",))
    return _as_objects(reading.manifests[0].deployment, settings)


def _as_objects(deployment: SeldonDeployment, settings: Settings) -> Judgement:
    try:
        objects(deployment, settings)
    except BadManifest as error:
        return Judgement(problems=tuple(str(error).split("\n")))
    return Judgement(warnings=tuple(left_out(deployment)))
