"""What `accelerate: auto` is worth: `make bench-acceleration`.

First the calls alone, one row and a hundred, as scikit-learn does them and as the server does. Then the whole way over
HTTP at one connection, beside a component that answers what it was asked: so much is the server itself. Rounds of all
are interleaved; each figure is the median of the rounds.
"""

import http.client
import statistics
import tempfile
import textwrap
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import joblib
import numpy as np
import yaml
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from infergraph.runtimes.acceleration.comparison import microseconds
from infergraph.runtimes.sklearn import SklearnServer
from tests.serving import Process, running

CANCER, IRIS = load_breast_cancer(), load_iris()
MODELS: dict[str, Any] = {
    "random forest, 100 trees": RandomForestClassifier(100, random_state=0),
    "gradient boosting, 100 trees": GradientBoostingClassifier(random_state=0),
    "histogram boosting, 100 trees": HistGradientBoostingClassifier(random_state=0),
    "logistic regression": LogisticRegression(max_iter=5000),
    "scaler and logistic regression": make_pipeline(StandardScaler(), LogisticRegression()),
}
BODY = b'{"data":{"ndarray":[[5.1,3.5,1.4,0.2]]}}'
ECHO = "class Echo:\n    def predict(self, X, names):\n        return X\n"


@click.command()
@click.option("--rounds", default=5, show_default=True)
@click.option("--requests", default=1500, show_default=True, help="Of each deployment in a round.")
def main(rounds: int, requests: int) -> None:
    """Measure, and print the tables."""
    console = Console(highlight=False, width=110)
    with tempfile.TemporaryDirectory() as folder:
        console.print(calls(Path(folder)))
        console.print(requests_over_http(Path(folder), rounds, requests))


def calls(folder: Path) -> Table:
    """Microseconds of one call in this process."""
    table = Table(title="one call in µs, 30 columns", title_justify="left")
    for heading in ("model", "1 row", "accelerated", "times", "100 rows", "accelerated", "times"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for name, model in MODELS.items():
        fitted = model.fit(CANCER.data, CANCER.target)
        server = loaded(fitted, folder)
        figures = []
        for count in (1, 100):
            x = CANCER.data[:count]
            before, after = (microseconds(call, x) for call in (fitted.predict_proba, server.predict))
            figures += [f"{before:,.0f}", f"{after:,.1f}", f"{before / after:,.0f} ×"]
        table.add_row(name, *figures)
    return table


def loaded(model: Any, folder: Path) -> SklearnServer:
    joblib.dump(model, folder / "model.joblib")
    server = SklearnServer(str(folder), accelerate="auto")
    server.load()
    return server


def requests_over_http(folder: Path, rounds: int, requests: int) -> Table:
    """The p50 at one connection, of a logistic regression and of the echo."""
    joblib.dump(LogisticRegression(max_iter=500).fit(IRIS.data, IRIS.target), folder / "model.joblib")
    (folder / "echo.py").write_text(textwrap.dedent(ECHO))
    manifest = folder / "all.yaml"
    manifest.write_text(yaml.safe_dump_all([deployment(name) for name in ("echo", "off", "auto")]))
    taken: dict[str, list[float]] = {"echo": [], "off": [], "auto": []}
    with running(manifest) as process:
        for _ in range(rounds):
            for name, medians in taken.items():
                medians.append(median_us(process, name, requests))
    table = Table(title="over HTTP, 1 connection, p50 in µs", title_justify="left")
    for heading in ("deployment", "p50", "beside the echo"):
        table.add_column(heading, justify="left" if heading == "deployment" else "right")
    bare = statistics.median(taken["echo"])
    for name, label in {"echo": "echo", "off": "logistic regression", "auto": "the same, accelerate: auto"}.items():
        own = statistics.median(taken[name])
        table.add_row(label, f"{own:,.0f}", f"{own / bare:.2f} ×")
    return table


def deployment(name: str) -> dict[str, Any]:
    """Of one unit: the echo, or the model with ``name`` as its parameter ``accelerate``."""
    unit: dict[str, Any] = {"name": "unit", "type": "MODEL"}
    container: dict[str, Any] = {"name": "unit", "image": "echo:1"}
    if name == "echo":
        unit["parameters"] = [{"name": "python_class", "type": "STRING", "value": "echo:Echo"}]
    else:
        unit |= {"implementation": "SKLEARN_SERVER", "modelUri": "./model.joblib"}
        unit["parameters"] = [{"name": "accelerate", "type": "STRING", "value": name}]
    predictor: dict[str, Any] = {"name": "p", "graph": unit}
    if name == "echo":
        predictor["componentSpecs"] = [{"spec": {"containers": [container]}}]
    return {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": {"name": name},
        "spec": {"predictors": [predictor]},
    }


def median_us(process: Process, name: str, requests: int) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=20)
    path = f"/seldon/default/{name}/api/v1.0/predictions"
    taken = []
    for _ in range(requests):
        begun = perf_counter()
        connection.request("POST", path, BODY, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        taken.append(perf_counter() - begun)
        if answer.status != 200:
            raise click.ClickException(f"{name} answered {answer.status}")
    connection.close()
    return float(np.median(taken)) * 1e6


if __name__ == "__main__":
    main()
