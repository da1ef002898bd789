"""What an exception of user code means to the caller."""

import json
from typing import Any

import pytest

from infergraph.components.failure import failure


class Own(Exception):
    def __init__(self, **fields: Any) -> None:
        super().__init__("text")
        vars(self).update(fields)


def test_an_exception_is_its_text_and_our_fault() -> None:
    found = failure(ValueError("bad value"), "u")
    assert (str(found), found.http_status, found.reason) == ("bad value", 500, "MICROSERVICE_INTERNAL_ERROR")
    assert found.body is None
    assert str(failure(KeyError(), "u")) == "KeyError"


def test_a_status_of_its_own() -> None:
    found = failure(Own(status_code=409, message="a message", reason="CLASH"), "u")
    assert (str(found), found.http_status, found.reason) == ("a message", 409, "CLASH")
    assert failure(Own(status_code=400), "u").reason == "MICROSERVICE_BAD_DATA"


@pytest.mark.parametrize("status", [200, 399, 600, "400", None])
def test_what_is_no_status_of_an_error_is_ignored(status: Any) -> None:
    found = failure(Own(status_code=status, payload={"a": 1}), "u")
    assert (found.http_status, found.body) == (500, None)


def test_a_body_of_its_own() -> None:
    found = failure(Own(status_code=402, to_dict=lambda: {"a": [1]}, payload={"b": 1}), "u")
    assert json.loads(found.body or b"") == {"a": [1]}
    found = failure(Own(status_code=402, payload={"b": 1, "status": 3}), "u")
    status = {"code": -1, "info": "text", "reason": "MICROSERVICE_BAD_DATA", "status": 1}
    assert json.loads(found.body or b"") == {"b": 1, "status": status}


@pytest.mark.parametrize("given", [["a"], {"a": object()}, {1: {(1, 2): 3}}])
def test_a_body_that_is_none_leaves_the_usual_one(given: Any) -> None:
    assert failure(Own(status_code=402, to_dict=lambda: given), "u").body is None
    assert failure(Own(status_code=402, to_dict=lambda: 1 / 0), "u").body is None
