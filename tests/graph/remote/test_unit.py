"""A unit in another process, over real sockets: good answers, and everything that can go wrong with a call."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadAnswer, ComponentLost, ComponentUnreachable, VerbatimAnswer
from infergraph.graph.context import Context
from infergraph.graph.remote import CallLimits, RemoteUnit
from infergraph.graph.remote.address import Address
from infergraph.graph.remote.http_transport import HttpTransport
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.feedback import feedback_of

ROWS = Payload(np.array([[1.0, 2.0]]), Encoding.NDARRAY, ["a", "b"])
TCP = Path("/proc/self/net/tcp")
HALF = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"
GOOD = b'{"data":{"names":["m"],"ndarray":[[7]]},"meta":{"tags":{"x":1}}}'

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Ask = Callable[[RemoteUnit], Awaitable[Any]]


def response(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


class Component:
    """A server that answers each whole request with the next of its answers; b"" and HALF end the connection."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while self._answers:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.requests.append((head[0], headers, body))
                answer = self._answers.pop(0)
                if not answer:
                    break
                writer.write(answer)
                await writer.drain()
                if answer == HALF:
                    break
        writer.close()


@contextlib.asynccontextmanager
async def remote(serve: Serve, **options: Any) -> AsyncIterator[RemoteUnit]:
    transport = HttpTransport()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        try:
            yield RemoteUnit("m", Address("127.0.0.1", port), transport, image="shop/m:2", **options)
        finally:
            await transport.close()
            await asyncio.sleep(0.05)  # connections are closed a few turns later


def asked(component: Component, ask: Ask, **options: Any) -> Any:
    async def main() -> Any:
        async with remote(component.serve, **options) as unit:
            return await ask(unit)

    return asyncio.run(asyncio.wait_for(main(), 20))


async def predict(unit: RemoteUnit, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Payload:
    return await unit.predict()(ROWS, Context("id-1", headers))


def test_a_prediction_goes_and_comes_as_the_component_api_has_it() -> None:
    component = Component(response(GOOD))
    headers = ((b"authorization", b"Bearer x"), (b"host", b"me"), (b"connection", b"x-hop"), (b"x-hop", b"1"))
    answer = asked(component, lambda unit: predict(unit, headers))
    assert (answer.data.tolist(), answer.names, answer.meta.tags) == ([[7]], ["m"], {"x": 1})
    ((line, sent, body),) = component.requests
    assert line == "POST /predict HTTP/1.1"
    assert body == b'{"data":{"names":["a","b"],"ndarray":[[1.0,2.0]]},"meta":{}}'
    assert (sent["content-type"], sent["seldon-puid"], sent["authorization"]) == (
        "application/json",
        "id-1",
        "bearer x",
    )
    assert "x-hop" not in sent
    assert sent["host"].startswith("127.0.0.1")


def test_numbers_that_json_has_no_word_for_stay_numbers() -> None:
    component = Component(response(b'{"data":{"ndarray":[[NaN,-Infinity]]}}'))

    async def ask(unit: RemoteUnit) -> Payload:
        return await unit.predict()(Payload(np.array([[np.nan, np.inf]]), Encoding.NDARRAY), Context("p"))

    assert str(asked(component, ask).data.tolist()) == "[[nan, -inf]]"
    assert component.requests[0][2] == b'{"data":{"names":[],"ndarray":[[NaN,Infinity]]},"meta":{}}'


def test_json_that_nobody_here_has_to_read_goes_and_comes_as_it_is() -> None:
    question = b' {"data": {"ndarray": [[1.0, 2]]}, "meta": {}}'
    answers = [b'{"meta": {}, "strData": "<b>"}\n', b'{"data":{"ndarray":[[NaN]]}}']
    component = Component(*map(response, answers))

    async def ask(unit: RemoteUnit) -> list[bytes]:
        step = unit.predict_json()
        assert step is not None
        return [await step(question, Context("p")) for _ in answers]

    said, spelled = asked(component, ask)
    assert said == b'{"meta": {}, "strData": "\\u003cb\\u003e"}\n'
    assert spelled == b'{"data":{"names":[],"ndarray":[["NaN"]]},"meta":{}}'
    assert [body for _, _, body in component.requests] == [question] * 2


@pytest.mark.parametrize("answer", [b"<html>", b"", b"{}", b"[1]", b'{"data":{"ndarray":[[1],[2'])
def test_an_answer_that_is_no_message_is_not_passed_on(answer: bytes) -> None:
    async def ask(unit: RemoteUnit) -> None:
        step = unit.predict_json()
        assert step is not None
        await step(b'{"strData":"x"}', Context("p"))

    with pytest.raises(BadAnswer, match=r"Unit `m` at .* answered /predict with no message"):
        asked(Component(response(answer)), ask)


def test_every_operation_has_its_path() -> None:
    component = Component(*[response(GOOD)] * 3, response(b'{"data":{"ndarray":[[1]]}}'), response(b'{"meta":{}}'))
    feedback = feedback_of({"request": {"data": {"ndarray": [[1]]}}, "reward": 1})

    async def ask(unit: RemoteUnit) -> Any:
        context = Context("p")
        await unit.transform_input()(ROWS, context)
        await unit.transform_output()(ROWS, context)
        await unit.aggregate()([ROWS, ROWS], context)
        branch = await unit.route()(ROWS, context)
        send_feedback = unit.send_feedback()
        assert send_feedback is not None
        await send_feedback(feedback, context)
        return branch

    assert asked(component, ask) == 1
    lines = [line for line, _, _ in component.requests]
    paths = ["/transform-input", "/transform-output", "/aggregate", "/route", "/send-feedback"]
    assert lines == [f"POST {path} HTTP/1.1" for path in paths]
    assert component.requests[2][2].startswith(b'[{"data"')
    assert component.connections == 1


def test_what_it_says_of_itself_is_asked() -> None:
    component = Component(response(b'{"platform":"p"}'), response(b'{"strData":"well"}'))

    async def ask(unit: RemoteUnit) -> Any:
        before = unit.metadata()
        await unit.learn()
        return before, unit.metadata(), await unit.status(), await unit.is_reachable()

    before, after, status, is_reachable = asked(component, ask)
    assert (before["name"], before["versions"], before["platform"]) == ("shop/m", ["2"], "")
    assert (after["name"], after["platform"], status.data, is_reachable) == ("shop/m", "p", "well", True)


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        (b"", ComponentLost, "the connection ended before an answer came"),
        (HALF, ComponentLost, "in the middle of the answer"),
        (b"what?\r\n\r\n", ComponentLost, "no HTTP"),
        (response(b"<html>"), BadAnswer, "answered /predict with no message"),
        (response(b'{"data":{"ndarray":[[1],[2,3]]}}'), BadAnswer, "no message"),
        (response(b"{}"), BadAnswer, "no message"),
        (response(b"[1]"), BadAnswer, "no message"),
        (response(b"oops", "500 Broken"), BadAnswer, "expected status 200 of http://127.0.0.1:"),
        (response(b"", "302 Found", "location: http://169.254.169.254/\r\n"), BadAnswer, "got 302"),
        (response(GOOD, "201 Created"), BadAnswer, "got 201"),
        (response(b'{"strData":"%b"}' % (b"x" * 2000)), ComponentLost, "more than 1,000 bytes"),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7d0\r\n%b" % (b"x" * 2000),
            ComponentLost,
            "1,000 bytes",
        ),
    ],
)
def test_an_answer_that_is_none_says_whose_and_why_and_the_next_is_good(
    answer: bytes, error: type[Exception], told: str
) -> None:
    async def ask(unit: RemoteUnit) -> Payload:
        with pytest.raises(error, match="Unit `m`") as raised:
            await predict(unit)
        assert told in str(raised.value)
        return await predict(unit)

    # What follows on the same connection would be lost with it, so there are enough good ones.
    assert asked(Component(answer, *[response(GOOD)] * 2), ask, limits=CallLimits(answer_bytes=1000)).data.tolist() == [
        [7]
    ]


def test_what_a_component_refuses_goes_to_the_caller_as_it_is() -> None:
    body = b'{"status":{"code":-1,"info":"no","reason":"MICROSERVICE_BAD_DATA","status":1}}'
    with pytest.raises(VerbatimAnswer) as raised:
        asked(Component(response(body, "400 Bad Request")), predict)
    assert (raised.value.http_status, raised.value.body) == (400, body)


def test_nobody_there_is_said_at_once() -> None:
    async def main() -> None:
        async with remote(Component().serve) as unit:
            transport = HttpTransport()
            gone = RemoteUnit("m", Address("127.0.0.1", 1), transport)
            try:
                with pytest.raises(ComponentUnreachable, match=r"Unit `m` cannot be reached at 127.0.0.1:1: .*refused"):
                    await predict(gone)
                assert not await gone.is_reachable()
                assert not await gone.is_well()
            finally:
                await transport.close()
            assert await unit.is_reachable()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("answer", "is_well"),
    [
        (response(b'{"strData":"well"}'), True),
        (response(b""), True),
        (response(b"{}", "500 Ill"), False),
        (b"", False),
    ],
)
def test_a_component_is_well_that_answers_200(answer: bytes, *, is_well: bool) -> None:
    component = Component(answer)
    assert asked(component, lambda unit: unit.is_well()) is is_well
    assert [line for line, _, _ in component.requests] == ["GET /api/v1.0/health/status HTTP/1.1"]


def timers_to(port: int) -> list[str]:
    """Which timer runs for each connection to a port of this machine."""
    connections = [line.split() for line in TCP.read_text().splitlines()]
    return [one[5].partition(":")[0] for one in connections if one[2] == f"0100007F:{port:04X}"]


@pytest.mark.skipif(not TCP.exists(), reason="only Linux tells of the timers of connections")
def test_a_machine_that_is_gone_is_found_out() -> None:
    async def main() -> list[str]:
        async with remote(Component(response(GOOD)).serve) as unit:
            await predict(unit)
            return timers_to(unit.address.port)

    assert asyncio.run(main()) == ["02"]  # the one of probes


def test_a_call_that_is_given_up_ends_its_connection() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        begun.set()
        await reader.read()
        ended.set()
        writer.close()

    async def main() -> None:
        async with remote(silent) as unit:
            call = asyncio.create_task(predict(unit))
            await begun.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await ended.wait()

    asyncio.run(asyncio.wait_for(main(), 20))
