"""Against a real server: the identity that is measured, too."""

from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.peers import messages
from benchmarks.peers.asking import IMAGE, WrongAnswer, ask, check, question
from benchmarks.peers.messages import Answer
from benchmarks.peers.ours import IDENTITY
from benchmarks.peers.server import APPS, Target
from tests.serving import Process, running

TARGETS = {target.name: target for target in IDENTITY}


@pytest.fixture(scope="module")
def server() -> Iterator[Process]:
    with running(APPS / "identity.yaml") as process:
        yield process


def port_of(server: Process, target: Target) -> int:
    return int(server.grpc.rpartition(":")[2]) if target.is_grpc else server.port


@pytest.mark.parametrize(
    "name",
    ["echo, seldon REST", "identity, v2 REST, binary", "identity, v2 REST", "identity, seldon gRPC, tftensor"],
)
def test_an_identity_answers_the_question_over_each_interface(server: Process, name: str) -> None:
    target = TARGETS[name]
    array = question(target.case, 3)
    check(target, ask(target, port_of(server, target), target.form.write(array)), array)


def test_other_numbers_are_a_wrong_answer(server: Process) -> None:
    target = TARGETS["echo, seldon REST"]
    array = question("echo", 1)
    answer = ask(target, server.port, target.form.write(array))
    for right in (array + 0.01, array[:, :3]):
        with pytest.raises(WrongAnswer, match="where the model says"):
            check(target, answer, right)


def test_an_error_over_rest_is_a_wrong_answer(server: Process) -> None:
    target = Target(case="echo", protocol="none", path="/nowhere", form=messages.SELDON)
    with pytest.raises(WrongAnswer, match="status 404"):
        ask(target, server.port, target.form.write(np.ones((1, 4))))


def test_an_error_over_grpc_is_a_wrong_answer(server: Process) -> None:
    target = Target(case="echo", protocol="none", path="/no.Service/None", form=messages.SELDON_GRPC, is_grpc=True)
    with pytest.raises(WrongAnswer, match="UNIMPLEMENTED"):
        ask(target, port_of(server, target), target.form.write(np.ones((1, 4))))


def test_nobody_there_is_a_wrong_answer() -> None:
    target = TARGETS["echo, seldon REST"]
    with pytest.raises(WrongAnswer, match="no answer"):
        ask(target, 1, target.form.write(np.ones((1, 4))))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"data": {"ndarray": [[1], [2, 3]]}}', b"[]"])
def test_what_cannot_be_read_is_a_wrong_answer(body: bytes) -> None:
    with pytest.raises(WrongAnswer, match="unreadable"):
        check(TARGETS["echo, seldon REST"], Answer(body, {}), np.ones((1, 4)))


def test_the_questions_are_flowers_and_an_image() -> None:
    assert question("iris", 1).tolist() == [[5.1, 3.5, 1.4, 0.2]]
    assert question("iris", 1000).shape == (1000, 4)
    assert question("identity", 1).shape == IMAGE
    assert question("identity", 1).dtype.name == "float32"
