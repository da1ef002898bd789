"""Thousands of requests made from OpenAPI documents, good and bad: every answer is what the document says.

The documents are our own, as it is served, and that of the Open Inference Protocol as MLServer publishes it.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.environments import Environment
from tests.conformance.served import iris_and_echo
from tests.serving import Process

SCHEMATHESIS = Environment("schemathesis", ("schemathesis==4.32.5",), alone=("mlserver==1.7.1",))
CONFIG = Path(__file__).with_name("schemathesis.toml")
SEED = "20"
EXAMPLES = "25"
EXAMPLE = {"inputs": [{"name": "x", "shape": [1, 4], "datatype": "FP64", "data": [1.0, 2.0, 3.0, 4.0]}]}
NAMES = {"iris": ["iris", "classifier"], "echo": ["echo", "model"]}
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def environment(made: Callable[[Environment], Environment]) -> Environment:
    return made(SCHEMATHESIS)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, iris_model: Path, environment: Environment) -> Iterator[Process]:
    """A model that takes rows of four numbers, and a class that takes everything."""
    with iris_and_echo(tmp_path_factory.mktemp("schemathesis"), iris_model) as process:
        yield process
        assert not process.errors
        assert not [event for event in process.events if "exception" in event]


def conforming(environment: Environment, folder: Path, document: str | Path, *flags: str) -> int:
    """How many requests of a document were answered; every check of every answer, on every path, has to hold."""
    report = folder / "report.json"
    bounds = ("--seed", SEED, "--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing", "--no-shrink")
    told = ("--report", "json", "--report-json-path", str(report), "--no-color", *flags)
    environment.run("st", "--config-file", CONFIG, "run", document, *bounds, *told)
    told_back = json.loads(report.read_text())
    assert told_back["operations"]["tested"] == told_back["operations"]["selected"] > 0
    count: int = told_back["test_cases"]["generated"]
    return count


@pytest.mark.parametrize("name", ["iris", "echo"])
def test_our_own_document_tells_the_truth(
    process: Process, environment: Environment, tmp_path: Path, name: str
) -> None:
    document = f"http://127.0.0.1:{process.port}/seldon/default/{name}/api/v1.0/doc/seldon.json"
    assert conforming(environment, tmp_path, document, "--exclude-deprecated") > 1000


@pytest.mark.parametrize("name", ["iris", "echo"])
def test_the_open_inference_protocol_is_kept(
    process: Process, environment: Environment, tmp_path: Path, name: str
) -> None:
    document = tmp_path / "inference.json"
    document.write_text(json.dumps(published(environment, NAMES[name])))
    server = f"http://127.0.0.1:{process.port}/seldon/default/{name}"
    assert conforming(environment, tmp_path, document, "--url", server) > 200


def published(environment: Environment, models: list[str]) -> Any:
    """The document of the protocol that MLServer brings, with what it leaves open filled in."""
    (path,) = environment.folder.glob("lib/python*/site-packages/mlserver/rest/openapi/dataplane.json")
    document = json.loads(path.read_text())
    # Streams and texts are MLServer's own, not the protocol's.
    document["paths"] = {at: item for at, item in document["paths"].items() if "stream" not in at and "gener" not in at}
    # There is no type "bytes" in JSON schemas.
    document["components"]["schemas"]["TensorData"] = {"type": "array"}
    # A model that is not there is not ready, which the protocol's text calls a 4xx.
    for at in (at for at in document["paths"] if at.endswith("/ready") and "models" in at):
        document["paths"][at]["get"]["responses"]["404"] = {"description": "There is no such model or version"}
    # Names that there are, and a request that a model can answer: from random ones nothing would be learnt.
    known = {"model_name": models, "model_version": ["1"]}
    for item in document["paths"].values():
        for parameter in item.get("parameters", []):
            parameter["schema"]["enum"] = known[parameter["name"]]
        if "post" in item:
            item["post"]["requestBody"]["content"]["application/json"]["example"] = EXAMPLE
    return document
