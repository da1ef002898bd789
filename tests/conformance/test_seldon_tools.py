"""The command-line tools of the seldon protocol's official package against a real `infergraph run`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.environments import Environment
from tests.conformance.test_seldon_client import SELDON
from tests.local.manifests import predictor, write
from tests.serving import Process, running

CONTRACT = {
    "features": [
        {"name": "size", "dtype": "FLOAT", "ftype": "continuous", "range": [0, 1], "repeat": 2},
        {"name": "kind", "dtype": "INT", "ftype": "categorical", "values": [1, 2, 3]},
    ],
    "targets": [{"name": "class", "dtype": "FLOAT", "ftype": "continuous", "range": [0, 1]}],
}
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def environment(made: Callable[[Environment], Environment]) -> Environment:
    return made(SELDON)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, environment: Environment) -> Iterator[Process]:
    """Two deployments that answer what they get; one of them with tags and metrics of its own."""
    folder = tmp_path_factory.mktemp("tools")
    names = {"telling": "Telling", "echo": "Echo"}
    with running(*(write(folder, predictor("p", kind), name=name) for name, kind in names.items())) as process:
        yield process


@pytest.fixture(params=["rest", "grpc"])
def transport(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def endpoint(process: Process, transport: str) -> str:
    return f"127.0.0.1:{process.port}" if transport == "rest" else process.grpc


def processed(
    environment: Environment, host: str, folder: Path, lines: list[Any], *flags: str
) -> list[tuple[Any, dict[str, Any]]]:
    """What `seldon-batch-processor` made of each line: its rows and its tags, in the order of the lines."""
    given, taken = folder / "given.txt", folder / "taken.txt"
    given.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    target = ("-d", "telling", "-g", "ambassador", "-n", "default", "-h", host)
    files = ("-i", given, "-o", taken)
    environment.run("seldon-batch-processor", *target, *files, "-u", "batch-7", "-w", "2", *flags)
    answers = [json.loads(line) for line in taken.read_text().splitlines()]
    answers.sort(key=lambda answer: answer["meta"]["tags"]["batch_index"])
    return [(answer["data"]["ndarray"], answer["meta"]["tags"]) for answer in answers]


@pytest.mark.parametrize("size", ["1", "2"])
def test_a_batch_keeps_its_ids(
    process: Process, environment: Environment, tmp_path: Path, transport: str, size: str
) -> None:
    lines = [[[float(number), 2.0]] for number in range(5)]
    host = endpoint(process, transport)
    answers = processed(environment, host, tmp_path, lines, "--transport", transport, "-s", size)
    assert [rows for rows, _ in answers] == lines
    assert [tags["batch_index"] for _, tags in answers] == [0, 1, 2, 3, 4]
    assert {tags["batch_id"] for _, tags in answers} == {"batch-7"}
    assert {tags["version"] for _, tags in answers} == {1}
    assert len({tags["batch_instance_id"] for _, tags in answers}) == 5


def test_a_batch_of_whole_messages(process: Process, environment: Environment, tmp_path: Path) -> None:
    lines = [{"data": {"names": ["a"], "ndarray": [[number]]}, "meta": {"tags": {"n": number}}} for number in range(3)]
    answers = processed(environment, endpoint(process, "rest"), tmp_path, lines, "-a", "raw")
    assert [(rows, tags["n"]) for rows, tags in answers] == [([[number]], number) for number in range(3)]


@pytest.mark.parametrize("encoding", [(), ("-t",)])
def test_the_contract_tester(
    process: Process, environment: Environment, tmp_path: Path, transport: str, encoding: tuple[str, ...]
) -> None:
    answers = contract_tested(process, environment, tmp_path, transport, "predict", "-b", "2", *encoding)
    assert answers.count("SENDING NEW REQUEST") == 3
    assert answers.count("'shape': [2, 3]" if encoding else "'ndarray': [[") == 3


def test_the_contract_tester_sends_feedback(
    process: Process, environment: Environment, tmp_path: Path, transport: str
) -> None:
    answers = contract_tested(process, environment, tmp_path, transport, "send-feedback")
    assert answers.count("Success:True") == 3


def contract_tested(
    process: Process, environment: Environment, folder: Path, transport: str, kind: str, *flags: str
) -> str:
    """What `seldon-core-api-tester` prints about three requests of a contract."""
    contract = folder / "contract.json"
    contract.write_text(json.dumps(CONTRACT))
    host, _, port = endpoint(process, transport).rpartition(":")
    wanted = ["--endpoint", kind, "--namespace", "default", "-n", "3", "-p", *flags]
    wanted += ["--grpc"] if transport == "grpc" else []
    return environment.run("seldon-core-api-tester", contract, host, port, "echo", *wanted)
