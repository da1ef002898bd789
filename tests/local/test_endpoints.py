"""Units in other processes: the same graph fused and remote gives the same answers; what goes wrong is told."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.serving import Answer, Process, failing, microservice, running

COMPONENTS = """
class Scale:
    def transform_input(self, X, names):
        return X * 2

    def tags(self):
        return {"scaled": True}


class Mean:
    def predict(self, X, names):
        return X.mean(axis=1, keepdims=True)

    def class_names(self):
        return ["mean"]


class First:
    def route(self, X, names):
        return 0

    def send_feedback(self, X, names, reward, truth, routing=None):
        return [[reward]]


class Sum:
    def aggregate(self, Xs, names):
        return sum(Xs)
"""
CLASSES = {"scale": "Scale", "mean": "Mean", "first": "First", "sum": "Sum"}
MEAN = {"name": "mean", "type": "MODEL"}
GRAPH = {"name": "scale", "type": "TRANSFORMER", "children": [{"name": "first", "type": "ROUTER", "children": [MEAN]}]}
ASKED: list[tuple[str, Any]] = [
    ("predictions", {"data": {"names": ["a", "b"], "ndarray": [[1.0, 3.0], [5.0, 7.0]]}}),
    ("predictions", {"data": {"tensor": {"shape": [1, 2], "values": [1.0, 2.0]}}, "meta": {"tags": {"mine": 1}}}),
    ("predictions", {"data": {"ndarray": [["x", "y"]]}}),
    ("predictions", {"strData": "x"}),
    ("predictions", {}),
    ("feedback", {"request": {"data": {"ndarray": [[1.0, 2.0]]}}, "response": {}, "reward": 0.5}),
]


def manifest(folder: Path, graph: Any = GRAPH) -> Path:
    (folder / "my.py").write_text(COMPONENTS)
    containers = [{"name": name, "image": f"shop/{name}:1"} for name in CLASSES]
    one = {"name": "p", "graph": graph, "componentSpecs": [{"spec": {"containers": containers}}]}
    kind = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment"}
    found = {**kind, "metadata": {"name": "g"}, "spec": {"predictors": [one]}}
    path = folder / "graph.yaml"
    path.write_text(yaml.safe_dump(found))
    return path


@contextmanager
def elsewhere(folder: Path, *units: str) -> Iterator[list[str]]:
    """Each unit in a process of its own; the flags that say where."""
    with ExitStack() as stack:
        flags = []
        for unit in units:
            env = {"PREDICTIVE_UNIT_ID": unit, "PREDICTIVE_UNIT_IMAGE": f"shop/{unit}:1"}
            process = stack.enter_context(microservice(folder, f"my:{CLASSES[unit]}", "--grpc-workers", "0", env=env))
            flags += ["--endpoint", f"{unit}=127.0.0.1:{process.port}"]
        yield flags


def said(process: Process, path: str, message: Any) -> tuple[int, Any]:
    answer: Answer = process.request("POST", f"/api/v1.0/{path}", message)
    body = answer.json
    body.get("meta", {}).pop("requestPath", None)  # says who answered
    body.get("meta", {}).pop("puid", None)
    return answer.status, body


@pytest.mark.timeout(120)
def test_a_graph_answers_alike_fused_and_remote(tmp_path: Path) -> None:
    path = manifest(tmp_path)
    names = ["scale", "first", "mean"]
    local = [flag for name in names for flag in ("--component", f"{name}=my:{CLASSES[name]}")]
    with running(path, *local) as process:
        fused = [said(process, *question) for question in ASKED]
    with elsewhere(tmp_path, *names) as flags, running(path, *flags) as process:
        remote = [said(process, *question) for question in ASKED]
    with elsewhere(tmp_path, "first") as flags, running(path, *local, *flags) as process:
        mixed = [said(process, *question) for question in ASKED]
    assert [status for status, _ in fused] == [200, 200, 500, 500, 400, 200]
    assert fused[0][1]["data"] == {"names": ["mean"], "ndarray": [[4.0], [12.0]]}
    assert remote == fused
    assert mixed == fused


def test_a_flag_that_names_nobody_or_nowhere_is_refused(tmp_path: Path) -> None:
    path = manifest(tmp_path, MEAN)
    for flag, told in (
        ("other=127.0.0.1:1", "--endpoint other=…: there is no such unit; the units are mean"),
        ("mean=127.0.0.1", "expected host:port, as in 127.0.0.1:9000, got '127.0.0.1'"),
    ):
        code, errors = failing(path, "--endpoint", flag)
        assert (code, told in errors) == (1, True), errors
