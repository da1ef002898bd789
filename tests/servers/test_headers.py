"""The headers that every answer has, over a real socket."""

import random
import subprocess
import sys
import uuid

import pytest

from infergraph.servers.answers import Answer
from infergraph.servers.headers import ResponseHeaders, puid_of
from infergraph.servers.request import Request
from tests.servers.attacked import GOOD, exchange, path, post, request
from tests.serving import Process

FORKING = """
import os
from infergraph.servers.headers import puid_of
child = os.fork()
if child:
    os.waitpid(child, 0)
os.write(1, puid_of("").encode() + b" ")
"""
EVERYWHERE = {
    "a prediction": post(GOOD),
    "a refusal": post(b"{}"),
    "a failure": post(b'{"strData":"bad_value"}', to="wrong"),
    "an answer of a component": post(b'{"jsonData":{"status":{"code":418}}}', to="raw"),
    "metadata": request("GET", path("identity", "/api/v1.0/metadata"), {}),
    "the page": request("GET", path("identity", "/api/v1.0/doc/"), {}),
    "a probe": request("GET", "/ready", {}),
    "a wrong method": request("PUT", path("identity"), {}),
    "nothing": request("GET", "/nothing", {}),
    "OPTIONS": request("OPTIONS", path("identity"), {}),
}


def test_ids_are_random_uuids_whatever_a_component_seeds() -> None:
    random.seed(0)
    given = {puid_of("") for _ in range(1000)}
    random.seed(0)
    given |= {puid_of("") for _ in range(1000)}
    assert len(given) == 2000
    for puid in given:
        made = uuid.UUID(puid)
        assert (made.version, made.variant, str(made)) == (4, uuid.RFC_4122, puid)


def test_a_forked_process_gives_ids_of_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", FORKING], check=True, capture_output=True, text=True)
    mine, theirs = done.stdout.split()
    assert mine != theirs


@pytest.mark.parametrize("raw", EVERYWHERE.values(), ids=EVERYWHERE.keys())
def test_every_answer_has_them(server: Process, raw: bytes) -> None:
    (answer,) = exchange(server, raw)
    headers = answer.headers
    assert uuid.UUID(headers["seldon-puid"]).version == 4
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["access-control-allow-origin"] == "*"
    assert "Content-Type" in headers["access-control-allow-headers"]
    assert "OPTIONS" in headers["access-control-allow-methods"]


@pytest.mark.parametrize("puid", ["a", "p" * 256, "<b>&", "a b", 'x";drop'])
def test_the_callers_id_comes_back_byte_for_byte(server: Process, puid: str) -> None:
    for raw in (post(GOOD, Seldon_Puid=puid), request("GET", "/nothing", {"Seldon-Puid": puid})):
        assert exchange(server, raw)[0].headers["seldon-puid"] == puid


@pytest.mark.parametrize("puid", ["", "p" * 257, "p" * 60_000, "a\tb", "\x9b31m", "\xff"])
def test_an_id_that_is_none_too_long_or_not_printable_is_replaced(server: Process, puid: str) -> None:
    (answer,) = exchange(server, post(GOOD, Seldon_Puid=puid))
    assert answer.status == 200
    assert uuid.UUID(answer.headers["seldon-puid"]).version == 4


def test_an_id_is_in_the_answers_of_both_spellings(server: Process) -> None:
    assert exchange(server, post(GOOD, SELDON_PUID="mine"))[0].headers["seldon-puid"] == "mine"


def test_cloud_events_are_answered_as_such(server: Process) -> None:
    (answer,) = exchange(server, post(GOOD, Ce_Specversion="1.0", Seldon_Puid="p", Ce_Id="theirs"))
    assert {name: value for name, value in answer.headers.items() if name.startswith("ce-")} == {
        "ce-id": "p",
        "ce-specversion": "0.3",
        "ce-path": path("identity"),
        "ce-type": "seldon.identity.default.response",
        "ce-source": "seldon.identity",
    }


def test_other_requests_are_no_cloud_events(server: Process) -> None:
    (answer,) = exchange(server, post(GOOD, Ce_Id="x"))
    assert not [name for name in answer.headers if name.startswith("ce-")]


def lines_of(answer: Answer) -> dict[str, str]:
    """The header lines of an answer, by name."""
    headers, asked = ResponseHeaders(), Request("GET", b"/", b"", [])
    asked.puid = "p"
    lines = headers.lines(answer, headers.fixed("GET"), asked).decode().split("\r\n")
    return dict(line.split(": ", 1) for line in lines if line)


def test_cors_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ALLOWED_ORIGINS", "https://a.example")
    monkeypatch.setenv("CORS_ALLOWED_HEADERS", "X-Own")
    listed = lines_of(Answer(200, b""))
    assert listed["access-control-allow-origin"] == "https://a.example"
    assert listed["access-control-allow-headers"] == "X-Own"


def test_a_204_has_no_length() -> None:
    assert "content-length" not in lines_of(Answer(204, b""))


def test_ids_are_random_uuids_of_version_4() -> None:
    made = {puid_of("") for _ in range(1000)}
    assert len(made) == 1000
    assert {(uuid.UUID(puid).version, uuid.UUID(puid).variant) for puid in made} == {(4, uuid.RFC_4122)}
    assert all(str(uuid.UUID(puid)) == puid for puid in made)
