"""What goes wrong, and what the caller hears of it: real servers, and a peer that misbehaves."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infergraph.client import (
    BadReply,
    Busy,
    Client,
    ConnectionFailed,
    ConnectionLost,
    Refused,
    Retries,
    ServerFailed,
    Timeout,
    Timeouts,
)
from tests.client.graphs import CLIENTS, manifest, serving, unit, url_of
from tests.client.peer import HOLD, answer, peer
from tests.local.manifests import predictor, write
from tests.ports import free_port
from tests.serving import running

ONCE = Retries(attempts=1)
OK = answer(200, b'{"data":{"ndarray":[[1]]}}', "Content-Type: application/json")
BUSY = answer(503, b'{"error":"wait a little"}', "Retry-After: 0")
QUESTION = {"a": 1}  # goes in the seldon protocol
pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> Any:
    return CLIENTS[request.param]


@pytest.fixture(params=["http", "grpc"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_port_where_nothing_listens(kind: Any, scheme: str) -> None:
    with kind(f"{scheme}://127.0.0.1:{free_port()}", retries=ONCE) as client:
        with pytest.raises(ConnectionFailed, match="no connection"):
            client.predict([[1]])
        assert client.is_ready() is False
        assert client.is_live() is False
        with pytest.raises(Timeout, match=r"not ready within 0\.2 s; the last answer: .*no connection"):
            client.wait_ready(0.2)


def test_the_callers_mistakes(tmp_path: Path, kind: Any, scheme: str) -> None:
    with serving(tmp_path, "Refusing") as process, kind(url_of(process, scheme)) as client:
        for names in (None, ["a"]):  # in the one protocol and in the other
            with pytest.raises(Refused, match=r"^no such animal$") as found:
                client.predict([[1.5]], names, puid="mine")
            error = found.value
            assert (error.unit, error.puid) == ("model", "mine")
            assert error.status == (422 if scheme == "http" else 400)
            assert error.reason == ("NO_ANIMAL" if scheme == "http" else "INVALID_ARGUMENT")
        with pytest.raises(Refused, match="There is no unit 'nobody'; the units are model") as found:
            client.metadata("nobody")
        assert found.value.status == 404
        with kind(url_of(process, scheme), deployment="other") as stranger, pytest.raises(Refused) as found:
            stranger.predict([[1.5]])
        assert found.value.status == 404


def test_a_component_that_raises(tmp_path: Path, kind: Any, scheme: str) -> None:
    with serving(tmp_path, "Failing") as process, kind(url_of(process, scheme)) as client:
        for data in ([[1.5]], "text"):
            with pytest.raises(ServerFailed, match="the model broke") as found:
                client.predict(data)
            assert (found.value.status, found.value.unit) == (500, "model")
            assert found.value.puid


def test_a_body_over_the_limit(tmp_path: Path, kind: Any) -> None:
    with (
        serving(tmp_path, "Same", "TRANSFORMER", "--body-bytes", "10000") as process,
        kind(url_of(process, "http")) as client,
    ):
        with pytest.raises(Refused, match="10000") as found:
            client.predict(np.zeros((20, 100)))
        assert (found.value.status, found.value.reason) == (413, "BODY_TOO_LARGE")
        assert client.predict([[1]]).data == [[1]]


def test_a_component_that_takes_too_long(tmp_path: Path, kind: Any, scheme: str) -> None:
    with (
        running(manifest(tmp_path, unit("model", "Held"))) as process,
        kind(url_of(process, scheme), timeouts=Timeouts(total_s=0.2)) as client,
    ):
        with pytest.raises(Timeout, match=r"no answer within 0\.\d+ s"):
            client.predict([[1]])
        assert client.is_live()
        (tmp_path / "go").touch()
        assert client.predict([[1]], timeout_s=20).data == [[1]]


def test_models_that_are_loading(tmp_path: Path, kind: Any, scheme: str) -> None:
    with (
        running(write(tmp_path, predictor("default", "LateLoad")), is_ready=False) as process,
        kind(url_of(process, scheme), retries=ONCE) as client,
    ):
        with pytest.raises(Busy) as found:
            client.predict([[1]])
        assert found.value.status == 503
        assert found.value.retry_after_s == (1 if scheme == "http" else None)
        assert client.is_live() is True
        assert client.is_ready() is False
        (tmp_path / "go").touch()
        client.wait_ready(30)
        assert client.predict([[1]]).data == [[1]]


def test_a_server_that_is_busy_is_asked_again(kind: Any) -> None:
    with peer(BUSY, BUSY, OK) as server, kind(server.url) as client:
        assert client.predict(QUESTION).data == [[1]]
        assert len(server.requests) == 3
        assert len({request.partition(b"\r\n\r\n")[2] for request in server.requests}) == 1


def test_but_only_so_often(kind: Any) -> None:
    with peer(*[BUSY] * 5) as server, kind(server.url) as client:
        with pytest.raises(Busy, match="wait a little"):
            client.predict(QUESTION)
        assert len(server.requests) == 3


@pytest.mark.parametrize("reply", [answer(503), answer(500, b"", "Retry-After: 0"), answer(429, b"", "Retry-After: 0")])
def test_only_where_the_server_says_when(kind: Any, reply: bytes) -> None:
    with peer(reply, OK) as server, kind(server.url) as client:
        with pytest.raises((ServerFailed, Refused), match=r"The server answered \d+"):
            client.predict(QUESTION)
        assert len(server.requests) == 1


def test_feedback_is_never_sent_twice(kind: Any) -> None:
    with peer(OK, BUSY, OK) as server, kind(server.url) as client:
        result = client.predict(QUESTION)
        with pytest.raises(Busy):
            client.feedback(result, reward=1.0)
        assert len(server.requests) == 2


TRUNCATED = {
    "nothing": b"",
    "half a status line": b"HTTP/1.1 2",
    "headers only": OK.partition(b"\r\n\r\n")[0] + b"\r\n",
    "half a body": OK[:-5],
    "half a chunked body": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
}


@pytest.mark.parametrize("reply", TRUNCATED.values(), ids=TRUNCATED)
def test_a_server_that_closes_in_the_middle(kind: Any, reply: bytes) -> None:
    with peer(reply, OK) as server, kind(server.url) as client:
        with pytest.raises(ConnectionLost, match="the connection ended before the answer was there"):
            client.predict(QUESTION)
        assert len(server.requests) == 1  # it may have been executed
        assert client.predict(QUESTION).data == [[1]]


@pytest.mark.parametrize(
    "reply", [HOLD, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + HOLD], ids=["head", "body"]
)
def test_a_server_that_falls_silent(kind: Any, reply: bytes) -> None:
    with peer(reply) as server, kind(server.url, timeouts=Timeouts(total_s=0.2)) as client:
        begin = time.monotonic()
        with pytest.raises((Timeout, ConnectionLost)) as found:
            client.predict(QUESTION)
        assert time.monotonic() - begin < 15
        assert isinstance(found.value, Timeout) or reply == HOLD
        assert len(server.requests) == 1


WRONG = {
    "no JSON": (b"<html>", "no message of the seldon protocol"),
    "no message": (b"[1]", "no message of the seldon protocol"),
    "ragged": (b'{"data":{"ndarray":[[1],[1,2]]}}', "rows of equal length"),
}


@pytest.mark.parametrize(("body", "message"), WRONG.values(), ids=WRONG)
def test_an_answer_that_is_none(kind: Any, body: bytes, message: str) -> None:
    with peer(answer(200, body)) as server, kind(server.url) as client, pytest.raises(BadReply, match=message):
        client.predict(QUESTION)


V2_WRONG = {
    "no outputs": (b"{}", "outputs"),
    "bytes missing": (
        b'{"outputs":[{"name":"a","datatype":"FP64","shape":[1],"parameters":{"binary_data_size":8}}]}',
        "8 bytes are announced, and 0 are left",
    ),
    "a type of its own": (b'{"outputs":[{"name":"a","datatype":"FP65","shape":[1],"data":[1]}]}', "FP65"),
    "a size that does not fit": (b'{"outputs":[{"name":"a","datatype":"FP64","shape":[3],"data":[1]}]}', "3 values"),
    "meta that is none": (
        b'{"outputs":[{"name":"a","datatype":"FP64","shape":[1],"data":[1]}],"parameters":{"infergraph_meta":"["}}',
        "no inference response",
    ),
}


@pytest.mark.parametrize(("body", "message"), V2_WRONG.values(), ids=V2_WRONG)
def test_an_inference_response_that_is_none(kind: Any, body: bytes, message: str) -> None:
    with peer(answer(200, body)) as server, kind(server.url) as client, pytest.raises(BadReply, match=message):
        client.predict([[1]])


def test_a_length_that_lies(kind: Any) -> None:
    reply = answer(200, b"{}", "Inference-Header-Content-Length: 99")
    with peer(reply) as server, kind(server.url) as client, pytest.raises(BadReply, match="announces 99"):
        client.predict([[1]])


def test_a_server_that_knows_no_meta(kind: Any) -> None:
    """Another server of the v2 protocol, which answers JSON."""
    body = b'{"model_name":"m","outputs":[{"name":"p","datatype":"FP32","shape":[1,2],"data":[0.5,2]}]}'
    with peer(answer(200, body)) as server, kind(server.url) as client:
        result = client.predict([[1]])
    assert (result.data, result.puid, result.tags) == ([[0.5, 2.0]], "", {})


def test_an_error_page_of_something_between(kind: Any) -> None:
    with peer(answer(502, b"<h1>Bad Gateway</h1>")) as server, kind(server.url) as client:
        with pytest.raises(ServerFailed, match="The server answered 502: <h1>Bad Gateway</h1>") as found:
            client.predict([[1]])
        assert found.value.status == 502


def test_a_server_that_went_and_came_back(tmp_path: Path) -> None:
    """A kept connection that the server has closed is not used again."""
    path = manifest(tmp_path, unit("model", "Echo"))
    with running(path) as process:
        client = Client(url_of(process, "http"))
        assert client.predict([[1]]).data == [[1]]
        process.stop()
    with client, pytest.raises(ConnectionFailed):
        client.predict([[1]])
