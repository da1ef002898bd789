"""Real TLS sockets, with the standard library as the client."""

import asyncio
import http.client
import json
import socket
import ssl
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

import pytest

from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.operator.operator import Scope
from infergraph.kubernetes.wall_clock import utc_now
from infergraph.kubernetes.webhook.certificates import KeyPair, new_pair
from infergraph.kubernetes.webhook.server import MAX_BYTES, PATH, WebhookServer
from infergraph.kubernetes.webhook.webhook import service_names, webhook_server
from tests.kubernetes.webhook.reviews import BAD, BAD_SENTENCE, GOOD, review

T = TypeVar("T")
NAMES = ("127.0.0.1", *service_names("hook", "system"))
PAIR, NEXT = (new_pair(NAMES, utc_now(), timedelta(days=1)) for _ in range(2))


class Answer(NamedTuple):
    status: int
    body: str
    headers: dict[str, str]


def connection(server: WebhookServer, pair: KeyPair = PAIR) -> http.client.HTTPSConnection:
    trusting = ssl.create_default_context(cadata=pair.authority)
    return http.client.HTTPSConnection("127.0.0.1", server.port, context=trusting, timeout=20)


def asked(
    server: WebhookServer, body: Any, *, path: str = PATH, method: str = "POST", pair: KeyPair = PAIR, **headers: str
) -> Answer:
    one = connection(server, pair)
    try:
        one.request(method, path, body, {"Content-Type": "application/json", **headers})
        answer = one.getresponse()
        return Answer(answer.status, answer.read().decode(), dict(answer.headers))
    finally:
        one.close()


def serving(use: Callable[[WebhookServer], Awaitable[T]]) -> T:
    async def main() -> T:
        server = webhook_server(Settings, Scope(), host="127.0.0.1", port=0)
        server.use(PAIR)
        await server.start()
        try:
            return await use(server)
        finally:
            await server.stop()

    return asyncio.run(main())


def test_a_review_is_answered() -> None:
    async def use(server: WebhookServer) -> None:
        good = await asyncio.to_thread(asked, server, review(GOOD))
        assert (good.status, good.headers["Content-Type"]) == (200, "application/json")
        assert json.loads(good.body)["response"]["allowed"] is True
        bad = await asyncio.to_thread(asked, server, review(BAD), path=f"{PATH}?timeout=10s")
        assert bad.status == 200
        assert json.loads(bad.body)["response"]["status"]["message"].startswith(BAD_SENTENCE)

    serving(use)


@pytest.mark.parametrize(
    ("status", "said", "how"),
    [
        (400, "expected an AdmissionReview", {"body": b"{}"}),
        (400, "expected an AdmissionReview", {"body": b""}),
        (400, "expected an AdmissionReview", {"body": b"\x00" * 1000}),
        (404, f"reviews are sent to {PATH}", {"body": b"{}", "path": "/"}),
        (405, "expected POST with an AdmissionReview, got GET", {"body": None, "method": "GET"}),
        (413, "expected a review of at most", {"body": b" " * (MAX_BYTES + 1)}),
        (415, "expected application/json, got text/plain", {"body": b"{}", "Content-Type": "text/plain"}),
    ],
)
def test_what_is_no_review_gets_a_sentence_and_the_next_one_an_answer(status: int, said: str, how: Any) -> None:
    async def use(server: WebhookServer) -> None:
        answer = await asyncio.to_thread(lambda: asked(server, **how))
        assert answer.status == status
        assert said in answer.body
        assert (await asyncio.to_thread(asked, server, review(GOOD))).status == 200

    serving(use)


def test_many_at_once() -> None:
    async def use(server: WebhookServer) -> None:
        answers = await asyncio.gather(*(asyncio.to_thread(asked, server, review(BAD)) for _ in range(20)))
        assert {answer.status for answer in answers} == {200}

    serving(use)


def test_who_speaks_no_tls_or_hangs_up_is_no_trouble() -> None:
    async def use(server: WebhookServer) -> None:
        for sent in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05hello", b""):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
                one.sendall(sent)
        assert (await asyncio.to_thread(asked, server, review(GOOD))).status == 200

    serving(use)


def test_another_certificate_serves_from_the_next_connection_on() -> None:
    async def use(server: WebhookServer) -> None:
        old = connection(server)
        await asyncio.to_thread(old.connect)
        server.use(NEXT)
        new = await asyncio.to_thread(lambda: asked(server, review(GOOD), pair=NEXT))
        assert new.status == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(asked, server, review(GOOD))
        old.request("POST", PATH, review(GOOD), {"Content-Type": "application/json"})
        assert (await asyncio.to_thread(old.getresponse)).status == 200  # the open one goes on
        old.close()

    serving(use)


def test_requests_go_on_while_certificates_change() -> None:
    async def use(server: WebhookServer) -> None:
        both = KeyPair(certificate="", key="", authority=PAIR.authority + NEXT.authority)
        done = asyncio.Event()

        async def change() -> None:
            while not done.is_set():
                for pair in (NEXT, PAIR):
                    server.use(pair)
                    await asyncio.sleep(0.001)

        changing = asyncio.ensure_future(change())
        answers = [await asyncio.to_thread(lambda: asked(server, review(GOOD), pair=both)) for _ in range(50)]
        done.set()
        await changing
        assert {answer.status for answer in answers} == {200}

    serving(use)


def test_a_certificate_that_does_not_fit_its_key_is_not_taken() -> None:
    async def use(server: WebhookServer) -> None:
        mixed = KeyPair(certificate=NEXT.certificate, key=PAIR.key, authority=NEXT.authority)
        with pytest.raises(ssl.SSLError):
            server.use(mixed)
        assert (await asyncio.to_thread(asked, server, review(GOOD))).status == 200

    serving(use)
