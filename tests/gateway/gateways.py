"""A gateway as its pod runs it, over predictors that are real processes."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.local.manifests import predictor, write
from tests.serving import Process, ended, running


@contextmanager
def serving(folder: Path, *names: str, component: str = "Named", **fields: Any) -> Iterator[dict[str, Process]]:
    """One process for each predictor; it answers with its name."""
    with ExitStack() as stack:
        found = {}
        for name in names:
            place = folder / name
            place.mkdir()
            said = [{"name": "name", "type": "STRING", "value": name}] if component == "Named" else []
            manifest = write(place, predictor(name, component, parameters=said), **fields)
            found[name] = stack.enter_context(running(manifest))
        yield found


def flag(name: str, process: Process, percent: int) -> str:
    """A destination as the gateway reads it."""
    return f"{name}=127.0.0.1:{process.port}:{process.grpc.rpartition(':')[2]}@{percent}"


@contextmanager
def gateway(*arguments: str) -> Iterator[Process]:
    """`infergraph gateway ARGUMENTS` on free ports, ready, ended with the block whatever happens."""
    with ended(Process((*arguments, "--port", "0", "--grpc-port", "0"), {}, command="gateway")) as process:
        process.listening(process.wait_for("ready"))
        yield process


def before(predictors: dict[str, Process]) -> AbstractContextManager[Process]:
    """A gateway before one predictor."""
    ((name, process),) = predictors.items()
    return gateway("--to", flag(name, process, 100))
