"""The same class in a graph's own process, and served alone: the same answers, the same meta, the same errors."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers.microservice.test_rest import KINDS, NDARRAY
from tests.serving import Process, microservice, running

FOLDER = Path(__file__).parent
CLASSES = ("Identity", "Mean", "Telling", "BadMetric", "Raw", "HalfRaw", "Returning", "Raising")
QUESTIONS: list[dict[str, Any]] = [
    *KINDS.values(),
    {**NDARRAY, "meta": {"puid": "p", "tags": {"a": {"b": 1}}, "requestPath": {"before": "img:0"}}},
    {"data": {"ndarray": [["a", 1]]}},
    {"data": {"ndarray": []}},
    {"data": {"ndarray": [[1], [2, 3]]}},
    {"strData": "value"},
    {"strData": "own"},
    {"strData": "wrapper"},
    {"strData": "teapot"},
    {"strData": "None"},
    {"strData": "{'a': [1, 2.5, None]}"},
    {"strData": "__import__('numpy').float64(1.5)"},
    {},
]


def manifest(component: str) -> str:
    parameter = {"name": "python_class", "type": "STRING", "value": f"components:{component}"}
    container = {"name": "unit", "image": "img:1.0"}
    graph = {"name": "unit", "type": "MODEL", "parameters": [parameter]}
    predictor = {"name": "p", "componentSpecs": [{"spec": {"containers": [container]}}], "graph": graph}
    return yaml.safe_dump(
        {
            "apiVersion": "machinelearning.seldon.io/v1",
            "kind": "SeldonDeployment",
            "metadata": {"name": "fused"},
            "spec": {"predictors": [predictor]},
        }
    )


@pytest.fixture(params=CLASSES, scope="module")
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, Process]]:
    """A class fused, and alone."""
    folder = tmp_path_factory.mktemp("fused")
    (folder / "components.py").write_text((FOLDER / "components.py").read_text())
    file = folder / "fused.yaml"
    file.write_text(manifest(request.param))
    env = {"PREDICTIVE_UNIT_ID": "unit", "PREDICTIVE_UNIT_IMAGE": "img:1.0"}
    with running(file) as fused, microservice(folder, f"components:{request.param}", env=env) as alone:
        yield fused, alone


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: json.dumps(question)[:40])
def test_the_same_answer(both: tuple[Process, Process], question: dict[str, Any]) -> None:
    answers = [served.request("POST", "/api/v1.0/predictions", question) for served in both]
    first, second = (answer.json for answer in answers)
    for message in (first, second):
        message.get("meta", {}).get("tags", {}).pop("pid", None)
    assert (answers[0].status, first) == (answers[1].status, second)
