"""How soon a deployment answers, and what many models weigh: `make bench-start-up`.

The iris model comes over HTTP from this machine: cold into an empty cache, warm from it. From the command to the first
good answer, beside what importing scikit-learn alone takes. Then the memory of one process with 1, 10 and 100 models.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import joblib
import yaml
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from tests.artifacts.http_store import http_store
from tests.serving import running

BODY = {"data": {"ndarray": [[5.1, 3.5, 1.4, 0.2]]}}
FLOOR = "import sklearn.linear_model, joblib"
COUNTS = (1, 10, 100)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each start is measured (5)")
    rounds = min(parser.parse_args().rounds, 20)
    console = Console(highlight=False, width=100)
    with TemporaryDirectory() as name:
        folder = Path(name)
        joblib.dump(LogisticRegression(max_iter=500).fit(*load_iris(return_X_y=True)), folder / "model.joblib")
        console.print(starts(folder, rounds))
        console.print(memory(folder))


def starts(folder: Path, rounds: int) -> Table:
    """Seconds, medians of rounds that take turns."""
    model = (folder / "model.joblib").read_bytes()
    taken: dict[str, list[float]] = {"scikit-learn's import alone": [], "cold cache": [], "warm cache": []}
    floor, cold, warm = taken.values()
    with http_store(**{"model.joblib": model}) as store:
        manifest = written(folder, [f"{store.url}/model.joblib"])
        for number in range(rounds):
            cache = {"INFERGRAPH_CACHE_DIR": str(folder / f"cache-{number}")}
            floor.append(seconds_of_import())
            cold.append(seconds_to_answer(manifest, cache))
            warm.append(seconds_to_answer(manifest, cache))
            shutil.rmtree(folder / f"cache-{number}")
    table = Table("from the command to the first good answer", "s", title=f"median of {rounds}", title_justify="left")
    for name, seconds in taken.items():
        table.add_row(name, f"{statistics.median(seconds):.2f}")
    return table


def seconds_of_import() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", FLOOR], check=True, timeout=60)
    return time.perf_counter() - begun


def seconds_to_answer(manifest: Path, environment: Mapping[str, str]) -> float:
    begun = time.perf_counter()
    with running(manifest, env=environment) as process:
        answer = process.predict(BODY)
        taken = time.perf_counter() - begun
    if answer.status != 200:
        raise RuntimeError(f"it answered {answer.status}: {answer.body!r}")
    return taken


def memory(folder: Path) -> Table:
    """The private and shared memory of a process with so many deployments, a model each."""
    table = Table("models in one process", "MB", "MB a model more", title="memory (PSS)", title_justify="left")
    first = 0.0
    for count in COUNTS:
        with running(written(folder, ["./model.joblib"] * count)) as process:
            for number in range(count):
                process.predict(BODY, prefix=f"/seldon/default/iris-{number}" if count > 1 else "")
            megabytes = pss_mb(process.process.pid)
        first = first or megabytes
        more = f"{(megabytes - first) / (count - 1):.2f}" if count > 1 else ""
        table.add_row(str(count), f"{megabytes:.0f}", more)
    return table


def pss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def written(folder: Path, uris: list[str]) -> Path:
    """A manifest with a deployment for each model."""
    path = folder / "iris.yaml"
    path.write_text(yaml.safe_dump_all([deployment(number, uri) for number, uri in enumerate(uris)]))
    return path


def deployment(number: int, uri: str) -> dict[str, Any]:
    graph = {"name": "classifier", "implementation": "SKLEARN_SERVER", "modelUri": uri}
    return {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": {"name": f"iris-{number}"},
        "spec": {"predictors": [{"name": "default", "graph": graph}]},
    }


if __name__ == "__main__":
    main()
