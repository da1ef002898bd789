"""How the failures of components, and of the server itself, are answered and logged."""

import asyncio
import json
import socket
from typing import Any

import pytest
import structlog

from infergraph.errors import (
    BadMessage,
    ComponentFailed,
    CutShort,
    DeadlineExceeded,
    QueueFull,
    RequestError,
    VerbatimAnswer,
    VerbatimStatus,
)
from infergraph.servers.answers import Form, answer_to
from tests.servers.attacked import Attack, assert_answered, exchange, path, post
from tests.serving import Process


@pytest.mark.parametrize(
    ("how", "status", "words"),
    [
        ("leave", 500, "leaving"),
        ("nothing_said", 500, "KeyError"),
        ("html", 500, r"\u003cscript\u003ealert"),
        ("deep", 500, "JSON cannot say"),
        ("keys", 500, "JSON cannot say"),
        ("surrogate", 500, "JSON cannot say"),
        ("surrogate_text", 500, "JSON cannot say"),
        ("surrogate_error", 500, r"\\ud800"),
        ("a_complex", 500, "JSON cannot say"),
        ("generator", 400, r"generator"),
        ("nonfinite", 200, '["NaN","Infinity"]'),
        ("a_set", 200, '"items":[1'),
        ("a_date", 200, '["2020-01-01"]'),
        ("huge", 200, "xxxx"),
    ],
)
def test_what_a_component_does_wrong_is_answered(server: Process, how: str, status: int, words: str) -> None:
    assert_answered(server, Attack(post(json.dumps({"strData": how}).encode(), to="wrong"), status, words))


@pytest.mark.parametrize("to", [99, -3, "a", None, True, 1.5, 2**70, [1]])
def test_a_strange_route_is_the_routers_fault(server: Process, to: Any) -> None:
    assert_answered(server, Attack(post(json.dumps({"jsonData": {"to": to}}).encode(), to="router"), 500, "`router`"))


@pytest.mark.parametrize(("to", "units"), [(-1, {"a"}), (0, {"a"}), (1, {"b"}), (-2, set())])
def test_a_route_is_taken(server: Process, to: int, units: set[str]) -> None:
    meta = server.predict({"jsonData": {"to": to}}, path("router", "")).json["meta"]
    assert meta.get("requestPath", {}).keys() == units
    assert meta["routing"] == {"router": to}


@pytest.mark.parametrize(("name", "names"), [("one", ["first", "identity"]), ("none", []), ("average", None)])
def test_combiners_of_one_child_and_of_none(server: Process, name: str, names: list[str] | None) -> None:
    answer = server.predict({"data": {"ndarray": [[1, 2]]}}, path(name, ""))
    assert answer.json["data"]["ndarray"] == [[1, 2]]
    assert names is None or list(answer.json["meta"].get("requestPath", {})) == names


@pytest.mark.parametrize("code", [204, 205, 304])
def test_a_status_without_a_body_does_not_shift_the_next_answer(server: Process, code: int) -> None:
    raw = post(json.dumps({"jsonData": {"status": {"code": code}}}).encode(), to="raw")
    keep_alive = raw.replace(b"Connection: close\r\n", b"", 1)
    first, second = _heads_and_bodies(server, keep_alive + post(b'{"strData":"x"}'))
    assert first.startswith(f"HTTP/1.1 {code} ".encode())
    assert b'"strData":"x"' in second


def _heads_and_bodies(server: Process, raw: bytes) -> list[bytes]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(raw)
        received = b"".join(iter(lambda: client.recv(65536), b""))
    return [b"HTTP/1.1 " + text for text in received.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize("message", ["text", {}, None, [1], {"strData": 5}, {"status": 5, "strData": "x"}, {"a": 1}])
def test_a_raw_answer_that_is_no_message(server: Process, message: Any) -> None:
    body = json.dumps({"jsonData": message}).encode()
    assert_answered(server, Attack(post(body, to="raw"), 500, "no SeldonMessage"))


def test_a_raw_answer_of_meta_alone(server: Process) -> None:
    message = {"status": {"code": 200, "info": "done"}, "meta": {"tags": {"a": 1}}}
    (answer,) = exchange(server, post(json.dumps({"jsonData": message}).encode(), to="raw"))
    assert (answer.status, json.loads(answer.body)) == (200, message)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadMessage("a"), 400, -1),
        (ComponentFailed("a", unit="u", status=402), 402, -1),
        (QueueFull("a"), 503, 503),
        (DeadlineExceeded("a"), 504, 504),
        (asyncio.CancelledError(), 503, 503),
        (RuntimeError("a"), 500, 500),
    ],
)
def test_each_error_has_its_answer(error: BaseException, status: int, code: int) -> None:
    answer = answer_to(error, "puid-1")
    assert (answer.status, json.loads(answer.body)["status"]["code"]) == (status, code)
    assert (b"retry-after" in dict(answer.headers)) == isinstance(error, QueueFull)


def test_a_status_of_grpc_is_an_answer_in_each_form() -> None:
    error = VerbatimStatus("NOT_FOUND", "no such flower", reason="NO_FLOWER")
    answer = answer_to(error, "puid-1")
    status = {"code": -1, "info": "no such flower", "reason": "NO_FLOWER", "status": 1}
    assert (answer.status, json.loads(answer.body)) == (404, {"status": status})
    answer = answer_to(error, "puid-1", Form.ERROR)
    assert (answer.status, json.loads(answer.body)) == (404, {"error": "no such flower"})
    assert dict(answer.headers)[b"infergraph-reason"] == b"NO_FLOWER"


@pytest.mark.parametrize("form", Form)
def test_clients_are_asked_to_come_again_only_when_nothing_has_run(form: Form) -> None:
    error = QueueFull("a")
    assert b"retry-after" in dict(answer_to(error, "puid-1", form).headers)
    error.has_begun = True
    for begun in (error, CutShort("a"), asyncio.CancelledError()):  # cancelled by a drain: it was running
        answer = answer_to(begun, "puid-1", form)
        assert (answer.status, b"retry-after" in dict(answer.headers)) == (503, False)


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (BadMessage("a"), []),
        (QueueFull("a"), ["request_refused"]),
        (ComponentFailed("a", unit="u"), ["component_failed"]),
        (VerbatimAnswer(418, b"{}"), ["component_answer_refused"]),
        (RuntimeError("a"), ["unexpected_error"]),
    ],
)
def test_only_faults_that_are_not_the_callers_are_logged_and_once(error: RequestError, logged: list[str]) -> None:
    with structlog.testing.capture_logs() as events:
        answer_to(error, "puid-1")
    assert [event["event"] for event in events] == logged
    assert all(event["puid"] == "puid-1" for event in events)
