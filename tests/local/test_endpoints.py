"""Units in other processes: the same graph fused and remote gives the same answers; what goes wrong is told."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from infergraph.client import Client, ServerFailed
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
CLASSES = {"scale": "Scale", "mean": "Mean", "other": "Mean", "first": "First", "sum": "Sum"}
MEAN = {"name": "mean", "type": "MODEL"}
SUM = {"name": "sum", "type": "COMBINER", "children": [MEAN, {"name": "other", "type": "MODEL"}]}
GRAPH = {"name": "scale", "type": "TRANSFORMER", "children": [{"name": "first", "type": "ROUTER", "children": [SUM]}]}
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
def elsewhere(folder: Path, **units: str) -> Iterator[list[str]]:
    """Units by the transport that each is called over, in processes of their own; the flags that say where."""
    with ExitStack() as stack:
        flags = []
        for unit, transport in units.items():
            env = {"PREDICTIVE_UNIT_ID": unit, "PREDICTIVE_UNIT_IMAGE": f"shop/{unit}:1"}
            process = stack.enter_context(microservice(folder, f"my:{CLASSES[unit]}", env=env))
            address = f"grpc://{process.grpc}" if transport == "grpc" else f"127.0.0.1:{process.port}"
            flags += ["--endpoint", f"{unit}={address}"]
        yield flags


def said(process: Process, path: str, message: Any) -> tuple[int, Any]:
    answer: Answer = process.request("POST", f"/api/v1.0/{path}", message)
    body = answer.json
    body.get("meta", {}).pop("requestPath", None)  # says who answered
    body.get("meta", {}).pop("puid", None)
    return answer.status, body


def all_said(path: Path, *flags: str) -> list[Any]:
    """What a graph answers to everything that it is asked."""
    with running(path, *flags) as process:
        return [said(process, *question) for question in ASKED]


@pytest.mark.timeout(180)
def test_a_graph_answers_alike_fused_and_remote(tmp_path: Path) -> None:
    path = manifest(tmp_path)
    local = [flag for name in CLASSES for flag in ("--component", f"{name}=my:{CLASSES[name]}")]
    fused = all_said(path, *local)
    assert [status for status, _ in fused] == [200, 200, 500, 500, 400, 200]
    assert fused[0][1]["data"] == {"names": ["t:0"], "ndarray": [[8.0], [24.0]]}
    for transport in ("rest", "grpc"):
        with elsewhere(tmp_path, **dict.fromkeys(CLASSES, transport)) as flags:
            assert all_said(path, *flags) == fused, transport
    with elsewhere(tmp_path, first="rest", sum="grpc", mean="grpc") as flags:
        assert all_said(path, *local, *flags) == fused


def test_grpc_goes_through_with_its_numbers_and_its_statuses(tmp_path: Path) -> None:
    path = manifest(tmp_path, MEAN)
    with elsewhere(tmp_path, mean="grpc") as flags, running(path, *flags) as process:
        client = Client(f"grpc://{process.grpc}")
        answer = client.predict(np.array([[1.0, 2.0]], dtype=np.float32))
        assert (answer.data.dtype, answer.data.tolist()) == (np.float32, [[1.5]])
        with pytest.raises(ServerFailed, match="has no attribute") as raised:
            client.predict("x")
        assert raised.value.reason == "INTERNAL"
        client.close()


def test_a_flag_that_names_nobody_or_nowhere_is_refused(tmp_path: Path) -> None:
    path = manifest(tmp_path, MEAN)
    for flag, told in (
        ("other=127.0.0.1:1", "--endpoint other=…: there is no such unit; the units are mean"),
        ("mean=127.0.0.1", "expected host:port or grpc://host:port, as in 127.0.0.1:9000, got '127.0.0.1'"),
    ):
        code, errors = failing(path, "--endpoint", flag)
        assert (code, told in errors) == (1, True), errors
