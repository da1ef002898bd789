"""Models that fail in every way that leaves the process alive: their caller is told, and nobody else notices."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from infergraph.graph.pace import PROBES
from tests.faults.components import NAMES
from tests.local.manifests import predictor
from tests.serving import Answer, Process, running

COMPONENTS = Path(__file__).with_name("components.py")
GOOD = {"data": {"ndarray": [[0, 1]]}}
OF_ALL_ROWS = {"complex numbers", "dates", "NaN"}
"""Answers of another type for all rows: a model that gives such must not say that its rows are independent."""
STATUS = {
    **dict.fromkeys(["None", "a generator"], 400),  # as the v1 wrapper answers
    **dict.fromkeys(["nothing", "fewer rows", "dates", "NaN", "odd keys"], 200),
    **dict.fromkeys(
        [name for name in NAMES if name.startswith(("a child", "a flood", "threads", "warn", "another"))], 200
    ),
    "output closed": 200,
}


@pytest.fixture(scope="module", params=["Faulty", "FaultyBatch"])
def process(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A process with such a model; it still drains in order at the end."""
    folder = tmp_path_factory.mktemp("faults")
    shutil.copy(COMPONENTS, folder)
    manifest = {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": {"name": "faulty"},
        "spec": {"predictors": [predictor("p", request.param)]},
    }
    (folder / "faulty.yaml").write_text(yaml.safe_dump(manifest))
    with running(folder / "faulty.yaml") as process:
        yield process
        assert process.stop() == 0


def neighbour(process: Process, answers: list[Answer]) -> threading.Thread:
    """Somebody else, who asks for something good in the same moment."""
    thread = threading.Thread(target=lambda: answers.append(process.predict(GOOD)))
    thread.start()
    return thread


@pytest.mark.parametrize("name", NAMES)
def test_its_caller_is_told_and_nobody_else_notices(
    request: pytest.FixtureRequest, process: Process, name: str
) -> None:
    if name in OF_ALL_ROWS and request.node.callspec.params["process"] == "FaultyBatch":
        pytest.skip("not a model whose rows are independent")
    faulty: Any = {"data": {"ndarray": [[NAMES.index(name), 1]]}}
    for place in ("in a thread", "in the event loop"):
        others: list[Answer] = []
        threads = [neighbour(process, others) for _ in range(3)]
        answer = process.predict(faulty)
        for thread in threads:
            thread.join()
        assert answer.status == STATUS.get(name, 500), place
        assert answer.headers["content-type"] == "application/json"
        assert answer.json if answer.status == 200 else answer.json["status"]["info"]
        assert [other.json["data"]["ndarray"] for other in others] == [[[0, 1]]] * 3, place
        for _ in range(PROBES + 1):  # short calls, after which the next one runs in the event loop
            assert process.predict(GOOD).json["data"]["ndarray"] == [[0, 1]]
