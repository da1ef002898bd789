"""A contract put to the test: requests made of it are sent, and the answers judged."""

from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from infergraph.client import rest, seldon_form
from infergraph.client.address import Address, address_of
from infergraph.client.client import transport_of
from infergraph.client.errors import Answered, BadReply
from infergraph.client.request import Reply, Request, Timeouts, Transport
from infergraph.contract.contract import BadContract, Contract
from infergraph.contract.endpoint import ENDPOINTS, Question
from infergraph.contract.finding import Finding, gathered
from infergraph.contract.judge import judge, judge_route
from infergraph.contract.make import names_of, rows_of
from infergraph.errors import BadMessage
from infergraph.payloads.payload import Array, Encoding, Payload

CHILDREN = 2
"""How many answers a combiner gets."""


class Trial(msgspec.Struct, frozen=True):
    """What is asked, how often and of whom. ``seed`` decides every value that is sent."""

    contract: Contract
    url: str
    endpoint: str = "predict"
    count: int = 1
    rows: int = 1
    seed: int = 0
    encoding: Encoding = Encoding.NDARRAY
    timeout_s: float = 60.0


Show = Callable[[int, Question, Payload | None], None]


def try_contract(trial: Trial, show: Show = lambda *_: None) -> list[Finding]:
    """What does not hold. ``show`` gets each question with its answer, None where there was none.

    :raises BadContract: when the contract cannot be sent in the encoding.
    :raises ClientError: when nothing answers there.
    """
    address = address_of(trial.url)
    transport = transport_of(address)
    try:
        return gathered(_findings(trial, address, transport, show))
    finally:
        transport.close()


def _findings(trial: Trial, address: Address, transport: Transport, show: Show) -> Iterator[Finding]:
    random = np.random.default_rng(trial.seed)
    for number in range(1, trial.count + 1):
        question = _question(trial, random)
        reply = transport.send(_request(trial, address, question), Timeouts(total_s=trial.timeout_s))
        answer: Payload | None = None
        try:
            answer = _answer(address, reply)
            found = list(_judged(trial, answer))
        except Answered as error:
            found = [Finding("an answer", f"{error.status} {error.reason}: {error}", "")]
        except (BadReply, BadMessage) as error:
            found = [Finding("a SeldonMessage", str(error), "")]
        show(number, question, answer)
        yield from (msgspec.structs.replace(one, where=f"request {number} {one.where}".strip()) for one in found)


def _question(trial: Trial, random: np.random.Generator) -> Question:
    features, targets = trial.contract.features, trial.contract.targets
    request = _payload(trial, rows_of(features, trial.rows, random), names_of(features))
    if trial.endpoint == "aggregate":
        others = [rows_of(features, trial.rows, random) for _ in range(CHILDREN - 1)]
        return Question([request, *(_payload(trial, rows, request.names) for rows in others)], is_list=True)
    if trial.endpoint == "send-feedback":
        told = rows_of(targets or features, trial.rows, random)
        truth = _payload(trial, told, [])
        return Question([request, truth, truth], reward=round(random.uniform(), 3))
    return Question([request])


def _payload(trial: Trial, rows: Array, names: list[str]) -> Payload:
    if trial.encoding is Encoding.TENSOR and rows.dtype == object:
        raise BadContract("a tensor holds numbers only, and the contract has texts; send it as ndarray")
    return Payload(rows, trial.encoding, names)


def _request(trial: Trial, address: Address, question: Question) -> Request:
    endpoint = ENDPOINTS[trial.endpoint]
    if not address.is_grpc:
        headers = {"content-type": "application/json"}
        return Request("POST", address.base + endpoint.path, headers, question.as_json())
    named = {"seldon": address.deployment, "namespace": address.namespace}
    metadata = {key: value for key, value in named.items() if value}
    return Request("POST", f"/seldon.protos.{endpoint.method}", metadata, question.as_protobuf())


def _answer(address: Address, reply: Reply) -> Payload:
    """The payload of a reply. :raises Answered: when it is an error."""
    if not address.is_grpc:
        return seldon_form.decode(rest.check(reply).body)
    from infergraph.client import grpc_dialect
    from infergraph.payloads.seldon_proto import decode_message

    return decode_message(grpc_dialect.check(reply).body, seldon_form.MAX_DEPTH)


def _judged(trial: Trial, answer: Payload) -> Iterator[Finding]:
    if trial.endpoint == "route":
        yield from judge_route(answer)
    elif trial.endpoint != "send-feedback":  # what a component says to a feedback is its own matter
        yield from judge(trial.contract.targets, trial.rows, answer)
