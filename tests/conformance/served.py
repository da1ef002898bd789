"""What official clients are pointed at: the iris model and a class that answers what it gets, one deployment each."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.local.manifests import predictor, write
from tests.serving import Process, running


def iris_manifest(folder: Path, model: Path) -> Path:
    """A deployment `iris` whose only unit is `classifier`."""
    path = folder / "iris.yaml"
    path.write_text(
        "apiVersion: machinelearning.seldon.io/v1\nkind: SeldonDeployment\nmetadata: {name: iris}\nspec:\n"
        f"  predictors: [{{name: p, graph: {{name: classifier, implementation: SKLEARN_SERVER, "
        f"modelUri: {model}}}}}]\n"
    )
    return path


@contextmanager
def iris_and_echo(folder: Path, model: Path) -> Iterator[Process]:
    """Both in one process."""
    with running(iris_manifest(folder, model), write(folder, predictor("p", "Echo"), name="echo")) as process:
        yield process
