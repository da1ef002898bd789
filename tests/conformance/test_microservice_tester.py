"""The official tool that tests microservices, against ours."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conformance.corpus.wrappers import Wrapper, ours
from tests.conformance.environments import Environment
from tests.conformance.test_seldon_client import SELDON
from tests.conformance.test_seldon_tools import CONTRACT

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def environment(made: Callable[[Environment], Environment]) -> Environment:
    return made(SELDON)


@pytest.fixture(scope="module")
def plain(environment: Environment) -> Iterator[Wrapper]:
    with ours("Plain") as wrapper:
        yield wrapper


@pytest.mark.parametrize("encoding", ["ndarray", "tensor"])
@pytest.mark.parametrize("endpoint", ["predict", "transform-input"])
@pytest.mark.parametrize("transport", ["rest", "grpc"])
def test_it_gets_its_rows_back(
    environment: Environment, plain: Wrapper, tmp_path: Path, transport: str, endpoint: str, encoding: str
) -> None:
    said = said_by_it(environment, plain, tmp_path, transport, endpoint, *(["-t"] if encoding == "tensor" else []))
    exchanges = said.split("SENDING NEW REQUEST:")[1:]
    assert len(exchanges) == 3
    for exchange in exchanges:
        sent, _, received = exchange.partition("RECEIVED RESPONSE:")
        assert f"\n  {encoding} {{" in received
        values = re.findall(r"(?:values|number_value): (\S+)", received)
        assert [float(value) for value in values] == [float(value) for value in re.findall(r"[\d.]+", sent)]


@pytest.mark.parametrize("transport", ["rest", "grpc"])
def test_it_sends_feedback(environment: Environment, plain: Wrapper, tmp_path: Path, transport: str) -> None:
    assert said_by_it(environment, plain, tmp_path, transport, "send-feedback").count("Success:True") == 3


def said_by_it(
    environment: Environment, wrapper: Wrapper, folder: Path, transport: str, endpoint: str, *flags: str
) -> str:
    """What `seldon-core-microservice-tester` prints about three requests of a contract."""
    contract = folder / "contract.json"
    contract.write_text(json.dumps(CONTRACT))
    host, port = ("127.0.0.1", str(wrapper.port)) if transport == "rest" else wrapper.grpc.split(":")
    wanted = ["--endpoint", endpoint, "-n", "3", "-b", "2", "-p", *flags, *(["--grpc"] if transport == "grpc" else [])]
    return environment.run("seldon-core-microservice-tester", contract, host, port, *wanted)
