"""Units in processes of their own: the same answers fused and isolated, whatever the kind of unit."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.local.test_endpoints import ASKED
from tests.serving import Process, running

COMPONENTS = """
import os


class Scale:
    def __init__(self, factor=2.0, is_told=False):
        self.factor, self.is_told = factor, is_told

    def transform_input(self, X, names):
        return X * self.factor

    def tags(self):
        return {"scaled": self.is_told, "mode": os.environ.get("MODE", "")}


class Mean:
    def predict(self, X, names):
        return X.mean(axis=1, keepdims=True)

    def class_names(self):
        return ["mean"]

    def metrics(self):
        return [{"key": "asked", "type": "COUNTER", "value": 1}]


class First:
    def route(self, X, names):
        return 0

    def send_feedback(self, X, names, reward, truth, routing=None):
        return [[reward]]


class Sum:
    def aggregate(self, Xs, names):
        return sum(Xs)


class Round:
    def transform_output(self, X, names):
        return X.round()
"""
CLASSES = {"scale": "Scale", "first": "First", "sum": "Sum", "round": "Round", "mean": "Mean", "other": "Mean"}
PARAMETERS = [
    {"name": "factor", "value": "3.5", "type": "FLOAT"},
    {"name": "is_told", "value": "true", "type": "BOOL"},
]


def unit(name: str, kind: str, *children: Any, **fields: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "children": list(children), **fields}


GRAPH = unit(
    "scale",
    "TRANSFORMER",
    unit(
        "round",
        "OUTPUT_TRANSFORMER",
        unit("first", "ROUTER", unit("sum", "COMBINER", unit("mean", "MODEL"), unit("other", "MODEL"))),
    ),
    parameters=PARAMETERS,
)


def manifest(folder: Path, graph: Any = GRAPH, name: str = "g") -> Path:
    """A graph of each kind of unit, whose images are somebody's; its classes are in `my.py`."""
    (folder / "my.py").write_text(COMPONENTS)
    containers: list[dict[str, Any]] = [{"name": name, "image": f"shop/{name}:1"} for name in CLASSES]
    containers[0]["env"] = [{"name": "MODE", "value": "fast"}]
    one = {"name": "p", "graph": graph, "componentSpecs": [{"spec": {"containers": containers}}]}
    kind = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment"}
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({**kind, "metadata": {"name": name}, "spec": {"predictors": [one]}}))
    return path


def classes(*units: str) -> list[str]:
    return [flag for name in units or CLASSES for flag in ("--component", f"{name}=my:{CLASSES[name]}")]


def isolated(*units: str) -> list[str]:
    return [flag for name in units for flag in ("--isolate", name)]


def said(process: Process) -> list[Any]:
    """What it answers, but for the id that it makes."""
    answers = []
    for path, message in ASKED:
        answer = process.request("POST", f"/api/v1.0/{path}", message)
        body = answer.json
        body.get("meta", {}).pop("puid", None)
        answers.append((answer.status, body))
    return answers


@pytest.mark.timeout(180)
def test_every_kind_of_unit_answers_alike_fused_and_isolated(tmp_path: Path) -> None:
    path = manifest(tmp_path)
    with running(path, *classes()) as process:
        fused = said(process)
    assert [status for status, _ in fused] == [200, 200, 500, 500, 400, 200]
    assert fused[0][1]["data"]["ndarray"] == [[14.0], [42.0]]
    assert fused[0][1]["meta"]["tags"] == {"scaled": True, "mode": "fast"}
    for units in (["scale"], ["round"], ["first"], ["sum"], ["mean"], ["all"]):
        with running(path, *classes(), *isolated(*units)) as process:
            assert said(process) == fused, units
            started = [event["unit"] for event in process.events if event["event"] == "unit_started"]
            assert sorted(started) == sorted(CLASSES if units == ["all"] else units)
            assert process.stop() == 0
