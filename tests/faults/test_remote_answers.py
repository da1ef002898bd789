"""Every wrong answer that a component can give: the caller is told which unit, and the next request is answered."""

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.faulty import Behaviour, Faulty, answer, dripping, endless, resetting, sending, silent
from tests.faults.remote import GOOD, engine, remote
from tests.serving import Answer, Process

MODEL = b'{"data":{"names":["y"],"ndarray":[[7.0]]}}'
ROUTER = b'{"data":{"ndarray":[[0]]}}'
COMBINER = b'{"data":{"names":["z"],"ndarray":[[8.0]]}}'
LIMIT_BYTES = 100_000
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


class Shop(NamedTuple):
    """An engine over a combiner, a router under it, and a model under that: `c` ← `r` ← `m`, each elsewhere."""

    process: Process
    units: dict[str, Faulty]

    def ask(self, **headers: str) -> Answer:
        return self.process.predict(GOOD, headers=headers)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with ExitStack() as stack:
        goods = {"c": COMBINER, "r": ROUTER, "m": MODEL}
        units = {name: stack.enter_context(Faulty(good)) for name, good in goods.items()}
        other = {"name": "s", "implementation": "SIMPLE_MODEL", "type": "MODEL"}
        model = remote("m", "MODEL", units["m"].port)
        graph = remote("c", "COMBINER", units["c"].port, remote("r", "ROUTER", units["r"].port, model, other))
        timeout = {"seldon.io/rest-timeout": "2000"}
        flags = ("--body-bytes", str(LIMIT_BYTES))
        yield Shop(
            stack.enter_context(engine(tmp_path_factory.mktemp("shop"), graph, *flags, annotations=timeout)), units
        )


LOST = (500, "COMPONENT_LOST")
BAD = (500, "BAD_COMPONENT_ANSWER")
SLOW = (504, "COMPONENT_TOO_SLOW")

Fault = tuple[str, Behaviour, tuple[int, str]]
OF_HTTP: list[Fault] = [
    ("closed before an answer", sending(b""), LOST),
    ("reset before an answer", resetting(b""), LOST),
    ("reset in the middle", resetting(HEAD + b"content-length: 99\r\n\r\n{"), LOST),
    ("half a status line", sending(b"HTTP/1.1 2"), LOST),
    ("half the headers", sending(HEAD + b"content-le"), LOST),
    ("half an answer", sending(HEAD + b"content-length: 99\r\n\r\n" + MODEL), LOST),
    ("half a chunked answer", sending(CHUNKED + b"5\r\n{}"), LOST),
    ("no last chunk", sending(CHUNKED + b"2\r\n{}\r\n"), LOST),
    ("chunks of garbage", sending(CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n"), LOST),
    ("a chunk of endless size", sending(CHUNKED + b"f" * 40 + b"\r\n{}"), LOST),
    ("no HTTP", sending(b"SSH-2.0-OpenSSH_9.2\r\n"), LOST),
    ("TLS", sending(bytes.fromhex("150301000202 50".replace(" ", ""))), LOST),
    ("HTTP/2", sending(b"\0\0\0\x04\0\0\0\0\0"), LOST),
    ("a length that is none", sending(HEAD + b"content-length: many\r\n\r\n{}"), LOST),
    ("a length below zero", sending(HEAD + b"content-length: -1\r\n\r\n{}"), LOST),
    ("two lengths", sending(HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{} "), LOST),
    ("a header line of a megabyte", sending(HEAD + b"x: " + b"y" * 2**20 + b"\r\n\r\n"), LOST),
    ("endless headers", endless(HEAD, b"x: y\r\n" * 1000), LOST),
    ("endless informational answers", endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100, pause_s=0.02), SLOW),
    ("an announced answer over the limit", silent(HEAD + b"content-length: 99999999999\r\n\r\n{"), LOST),
    ("a chunked answer without end", endless(CHUNKED, b"400\r\n" + b"x" * 1024 + b"\r\n"), LOST),
    ("an answer without length or end", endless(HEAD + b"\r\n", b" " * 1024), LOST),
    ("never", silent(), SLOW),
    ("the head, then never", silent(HEAD + b"content-length: 99\r\n\r\n"), SLOW),
    ("a byte at a time", dripping(answer(MODEL) + b" " * 1000), SLOW),
    ("gzip that is none", sending(answer(b"no gzip", more="content-encoding: gzip\r\n")), LOST),
    ("a gzip bomb", sending(answer(gzip.compress(b" " * 10**7), more="content-encoding: gzip\r\n")), LOST),
    ("switching protocols", sending(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"), BAD),
    ("a page of a proxy", sending(answer(PAGE, "502 Bad Gateway")), BAD),
    ("an empty error", sending(answer(b"", "500 Internal Server Error")), BAD),
    ("an error that is an array", sending(answer(b"[1]", "400 Bad Request")), BAD),
    ("a redirect", sending(answer(b"", "302 Found", "location: http://169.254.169.254/latest\r\n")), BAD),
    ("a redirect with a body", sending(answer(MODEL, "307 Temporary Redirect", "location: /predict\r\n")), BAD),
    ("another success", sending(answer(MODEL, "201 Created")), BAD),
    ("no content", sending(b"HTTP/1.1 204 No Content\r\n\r\n"), BAD),
    ("a status out of range", sending(answer(MODEL, "999 Odd")), BAD),
    ("status zero", sending(answer(MODEL, "000 None")), BAD),
    ("a page", sending(answer(PAGE)), BAD),
    ("nothing", sending(answer(b"")), BAD),
    ("a length that is too small", sending(HEAD + b"content-length: 5\r\n\r\n" + MODEL), LOST),
    ("more after its end", sending(answer(MODEL) + b"GARBAGE"), LOST),
]


def of_body(*bodies: tuple[str, bytes]) -> list[Fault]:
    return [(name, sending(answer(body)), BAD) for name, body in bodies]


OF_MODEL = of_body(
    ("null", b"null"),
    ("a number", b"1"),
    ("an array", b"[[1]]"),
    ("an empty object", b"{}"),
    ("half JSON", b'{"data":{"ndarr'),
    ("two values", b'{"strData":"x"} {}'),
    ("no UTF-8", b'{"strData":"\xff"}'),
    ("JSON of great depth", b'{"jsonData":' + b"[" * 5000 + b"]" * 5000 + b"}"),
    ("tensor and ndarray", b'{"data":{"ndarray":[[1]],"tensor":{"shape":[1],"values":[1]}}}'),
    ("text and bytes", b'{"strData":"x","binData":"AA=="}'),
    ("too many names", b'{"data":{"names":["a","b","c"],"ndarray":[[1]]}}'),
    ("meta that is no object", b'{"data":{"ndarray":[[1]]},"meta":[]}'),
    ("tags that are no object", b'{"data":{"ndarray":[[1]]},"meta":{"tags":1}}'),
    ("ragged rows", b'{"data":{"ndarray":[[1],[2,3]]}}'),
    ("a shape that does not fit", b'{"data":{"tensor":{"shape":[2,2],"values":[1]}}}'),
    ("an enormous shape", b'{"data":{"tensor":{"shape":[99999999,99999999],"values":[1]}}}'),
    ("a shape below zero", b'{"data":{"tensor":{"shape":[-1],"values":[1]}}}'),
    ("base64 that is none", b'{"binData":"?"}'),
    ("a feedback", b'{"request":{},"reward":1}'),
)
OF_ROUTER = of_body(
    ("branch 99", b'{"data":{"ndarray":[[99]]}}'),
    ("branch -3", b'{"data":{"ndarray":[[-3]]}}'),
    ("a branch of 20 digits", b'{"data":{"ndarray":[[99999999999999999999]]}}'),
    ("a branch that is a text", b'{"data":{"ndarray":[["a"]]}}'),
    ("a branch that is NaN", b'{"data":{"ndarray":[[NaN]]}}'),
    ("no branch", b'{"data":{"ndarray":[]}}'),
    ("an empty list", b"[]"),
    ("null", b"null"),
    ("a page", PAGE),
)
OF_COMBINER = of_body(
    ("the list that it was asked with", b"[%b]" % MODEL),
    ("no data", b'{"meta":{}}'),
    ("a page", PAGE),
)
CASES = [
    (unit, *fault)
    for unit, faults in (("m", OF_HTTP + OF_MODEL), ("r", OF_ROUTER), ("c", OF_COMBINER))
    for fault in faults
]


@pytest.mark.parametrize(("unit", "name", "behaviour", "expected"), CASES, ids=[f"{u}: {n}" for u, n, _, _ in CASES])
def test_a_wrong_answer_is_told_and_the_next_request_is_answered(
    shop: Shop, unit: str, name: str, behaviour: Behaviour, expected: tuple[int, str]
) -> None:
    shop.units[unit].behaviour = behaviour
    try:
        refused = shop.ask()
    finally:
        shop.units[unit].recover()
    status = refused.json["status"]
    assert (refused.status, status["reason"], status["status"]) == (*expected, "FAILURE"), refused.body
    assert f"Unit `{unit}`" in status["info"]
    assert len(status["info"]) < 600
    assert shop.ask().json["data"]["ndarray"] == [[8.0]]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "informational answers before",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + answer(MODEL),
        ),
        ("no length, an end", HEAD + b"\r\n" + MODEL),
        ("chunks of one byte", CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in MODEL) + b"0\r\n\r\n"),
        ("trailers", CHUNKED + b"%x\r\n%b\r\n0\r\nx-sum: 1\r\n\r\n" % (len(MODEL), MODEL)),
        ("compressed unasked", answer(gzip.compress(MODEL), more="content-encoding: gzip\r\n")),
        ("another type", answer(MODEL).replace(b"application/json", b"text/html")),
        ("HTTP/1.0", answer(MODEL).replace(b"HTTP/1.1", b"HTTP/1.0")),
        ("spaces around", answer(b" \n" + MODEL + b"\n")),
    ],
)
def test_an_odd_answer_that_is_whole_is_taken(shop: Shop, name: str, text: bytes) -> None:
    shop.units["m"].say(text)
    try:
        taken = shop.ask()
    finally:
        shop.units["m"].recover()
    assert taken.json["data"]["ndarray"] == [[8.0]], taken.body
    assert shop.ask().status == 200


def test_a_refusal_with_a_status_of_its_own_goes_to_the_caller_as_it_is(shop: Shop) -> None:
    for status, body in ((400, b'{"status":{"code":-1,"info":"no","reason":"X","status":1}}'), (402, b'{"a":1}')):
        shop.units["m"].say(answer(body, f"{status} No"))
        refused = shop.ask()
        assert (refused.status, refused.body) == (status, body)
    shop.units["m"].recover()
    assert shop.ask().status == 200


def test_a_bad_request_among_good_ones_fails_alone(shop: Shop) -> None:
    """One component, asked by many at once: what it refuses to one, the others do not notice."""
    answers: dict[int, Answer] = {}
    refusal = b'{"status":{"code":-1,"info":"bad row","reason":"MICROSERVICE_BAD_DATA","status":1}}'
    closing = "connection: close\r\n"
    shop.units["m"].behaviour = lambda connection, request: connection.sendall(
        answer(refusal, "400 Bad", closing) if b'"bad"' in request else answer(MODEL, more=closing)
    )

    def ask(number: int) -> None:
        row = ["bad"] if number % 4 == 0 else [1.0]
        answers[number] = shop.process.predict({"data": {"ndarray": [row]}})

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shop.units["m"].recover()
    assert [answers[number].status for number in range(16)] == [400, 200, 200, 200] * 4
    assert shop.ask().status == 200


def test_feedback_that_a_component_does_not_take_is_told(shop: Shop) -> None:
    feedback = {"request": GOOD, "response": {"meta": {"routing": {"r": 0}}}, "reward": 0.5}
    shop.units["m"].say(answer(PAGE, "500 Broken"))
    refused = shop.process.request("POST", "/api/v1.0/feedback", feedback)
    shop.units["m"].recover()
    assert (refused.status, refused.json["status"]["reason"]) == BAD
    assert shop.process.request("POST", "/api/v1.0/feedback", feedback).status == 200
    for routing in (99, -3):
        wrong = {**feedback, "response": {"meta": {"routing": {"r": routing}}}}
        assert shop.process.request("POST", "/api/v1.0/feedback", wrong).status == 400


def test_an_engine_over_a_model_alone_passes_on_what_both_say(tmp_path: Path) -> None:
    with Faulty(MODEL) as unit, engine(tmp_path, remote("m", "MODEL", unit.port)) as process:
        got: list[bytes] = []
        asked = b' {"data": {"ndarray": [[1], [2, 3]]}, "meta": {"tags": {"by": "me"}}} '

        def echo(connection: socket.socket, request: bytes) -> None:
            said = request.partition(b"\r\n\r\n")[2]
            if request.startswith(b"POST "):  # and not the question what it is
                got.append(said)
            connection.sendall(answer(said, more="connection: close\r\n"))

        unit.behaviour = echo
        assert process.predict(asked).body == asked
        assert got == [asked]
        for wrong in (
            b'{"data":{"ndarray":[1}}',
            b'{"strData":"x","binData":""}',
            b'{"jsonData":' + b"[" * 101 + b"]" * 101 + b"}",
        ):
            assert process.predict(wrong).status == 400
        assert len(got) == 1
        unit.say(answer(PAGE))
        refused = process.predict()
        assert (refused.status, refused.json["status"]["reason"]) == BAD
        unit.say(answer(b'{"status":{"info":"no"}}', "402 No"))
        assert (process.predict().status, process.predict().body) == (402, b'{"status":{"info":"no"}}')
        unit.recover()
        assert process.predict().body == MODEL
        page = process.request("GET", "/metrics").body.decode()
        assert 'model_name="m",model_version="1",predictor_name="main",predictor_version="",service="/predict"' in page
