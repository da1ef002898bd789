"""The application with a graph of one function: what reaches it, and what becomes of what it does."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from infergraph.declaration import SeldonDeployment, inspect_text
from infergraph.graph.context import Context
from infergraph.graph.step import Executable
from infergraph.payloads import Feedback, Meta, Payload
from infergraph.servers.app import Application
from infergraph.servers.limits import Limits
from infergraph.servers.served import Served
from tests.servers.raw import Answer, Serving, serving, talk

MANIFEST = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: one}
spec: {predictors: [{name: default, graph: {name: model, implementation: SIMPLE_MODEL}}]}
"""
Step = Callable[[Payload, Context], Awaitable[Payload]]


def deployment() -> SeldonDeployment:
    return inspect_text(MANIFEST, file="one.yaml").manifests[0].deployment


async def same(payload: Payload, _: Context) -> Payload:
    return payload


async def nothing(_: Feedback, __: Context) -> None:
    return None


def serve(predict: Step | None = same, *, timeout_s: float | None = None) -> AbstractContextManager[Serving]:
    """A server for one deployment; one that is still loading when there is no step."""
    served = Served(deployment(), Limits(json_depth=5), timeout_s=timeout_s)
    if predict is not None:
        served.start(Executable(predict, nothing), {"default": {}})
    return serving(Application([served]))


def ask(running: Serving, message: Any, *, at: str = "predictions", puid: str = "p") -> Answer:
    body = json.dumps(message).encode()
    head = f"POST /api/v1.0/{at} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nSeldon-Puid: {puid}\r\n"
    (answer,) = talk(running, head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    return answer


def status(answer: Answer) -> Any:
    return json.loads(answer.body)["status"]


def test_the_graph_knows_the_requests_id_and_headers() -> None:
    async def headers(payload: Payload, context: Context) -> Payload:
        found = dict(context.headers)[b"host"].decode()
        return Payload(f"{context.puid} {found}", payload.encoding)

    with serve(headers) as running:
        assert json.loads(ask(running, {"strData": ""}, puid="mine").body)["strData"] == "mine a"


def test_the_answer_says_which_way_it_went() -> None:
    async def routed(payload: Payload, context: Context) -> Payload:
        context.routing["a"] = 1
        return Payload(payload.data, payload.encoding, [], Meta(routing={"remote": 0}))

    with serve(routed) as running:
        assert json.loads(ask(running, {"strData": ""}).body)["meta"]["routing"] == {"remote": 0, "a": 1}


def test_the_depth_of_json_is_a_limit_of_the_deployment() -> None:
    with serve() as running:
        assert ask(running, {"jsonData": [[[]]]}).status == 200
        assert "at most 5 levels" in status(ask(running, {"jsonData": [[[[[[]]]]]]}))["info"]


def test_before_everything_is_loaded_a_caller_may_come_again() -> None:
    with serve(None) as running:
        for at in ("predictions", "feedback"):
            answer = ask(running, {"strData": "x"}, at=at)
            assert (answer.status, answer.reason, answer.headers["retry-after"]) == (503, "NOT_READY", "1")


def test_a_deadline_ends_what_runs() -> None:
    ended = []

    async def endless(payload: Payload, _: Context) -> Payload:
        try:
            return await asyncio.Future()
        finally:
            ended.append(payload.data)

    with serve(endless, timeout_s=0.05) as running:
        answer = ask(running, {"strData": "x"})
    assert (answer.status, answer.reason, ended) == (504, "DEADLINE_EXCEEDED", ["x"])


def test_what_nobody_expected_is_answered_with_the_requests_id() -> None:
    async def broken(_: Payload, __: Context) -> Payload:
        raise ZeroDivisionError("by zero")

    with serve(broken) as running:
        answer = ask(running, {"strData": "x"}, puid="p-1")
    assert answer.status == 500
    assert status(answer)["info"] == "ZeroDivisionError: by zero (request p-1)"


def test_what_is_cancelled_is_answered() -> None:
    async def cancelled(_: Payload, __: Context) -> Payload:
        raise asyncio.CancelledError

    with serve(cancelled) as running:
        assert (ask(running, {"strData": "x"})).reason == "NOT_READY"


def test_feedback_that_no_unit_takes_is_answered_with_itself() -> None:
    with serve() as running:
        assert json.loads(ask(running, {"reward": 1.0}, at="feedback").body) == {"reward": 1.0}


@pytest.mark.parametrize("prefix", ["", "/seldon/default/one"])
def test_a_single_deployment_is_served_with_and_without_its_prefix(prefix: str) -> None:
    with serve() as running:
        (answer,) = talk(running, f"GET {prefix}/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert answer.status == 200


def test_the_front_page_of_a_single_deployment_is_its_documentation() -> None:
    with serve() as running:
        (answer,) = talk(running, b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert (answer.status, answer.headers["location"]) == (307, "/api/v1.0/doc/")
