"""What ``--watch`` sees: changes of manifests, of Python files and requirements beside them, and of local artifacts."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import structlog

from infergraph.artifacts.locate import locate
from infergraph.declaration import Manifest
from infergraph.declaration.sources import STDIN
from infergraph.errors import ArtifactError
from infergraph.local.plan import Plan

log = structlog.get_logger("infergraph.workers")

LOOK_MS = 250
REQUIREMENTS = "requirements.txt"


class Watched:
    """What counts as a change of a plan: ``folders`` to look at, and `has` for a path below one of them."""

    def __init__(self, plan: Plan) -> None:
        manifests = [manifest.path.resolve() for manifest in plan.manifests if manifest.path != STDIN]
        self._manifests = set(manifests)
        self._beside = {path.parent for path in manifests}
        self._artifacts = {path for manifest in plan.manifests for path in _artifacts(manifest, plan)}
        self.folders = sorted(self._beside | {path if path.is_dir() else path.parent for path in self._artifacts})

    def has(self, path: Path) -> bool:
        if path in self._manifests or any(path.is_relative_to(artifact) for artifact in self._artifacts):
            return True
        return (path.suffix == ".py" or path.name == REQUIREMENTS) and any(
            path.is_relative_to(folder) for folder in self._beside
        )


async def watch(plan: Callable[[], Plan]) -> AsyncIterator[str]:
    """The first path of each change from now on. ``plan`` gives what is served now, as a change may change that."""
    from watchfiles import Change, DefaultFilter, awatch

    ordinary = DefaultFilter()
    while True:
        watched = Watched(plan())

        def is_wanted(change: Change, path: str, watched: Watched = watched) -> bool:
            return ordinary(change, path) and watched.has(Path(path))

        changing = awatch(
            *_existing(watched.folders), watch_filter=is_wanted, yield_on_timeout=True, rust_timeout=LOOK_MS
        )
        is_told = False
        async for changes in changing:
            if changes:
                yield min(path for _, path in changes)
            elif not is_told:  # it has begun: from now on nothing is missed
                log.info("watching", folders=[str(folder) for folder in watched.folders])
                is_told = True
            if Watched(plan()).folders != watched.folders:
                break


def _existing(folders: Sequence[Path]) -> list[Path]:
    return [folder for folder in folders if folder.is_dir()]


def _artifacts(manifest: Manifest, plan: Plan) -> list[Path]:
    """The local files behind every modelUri; those that are remote or missing cannot be watched."""
    found = []
    for predictor in manifest.deployment.spec.predictors:
        for unit in predictor.units():
            try:
                found.append(locate(unit.model_uri, folder=manifest.path.parent, artifacts=plan.artifacts).resolve())
            except ArtifactError:
                continue
    return found
