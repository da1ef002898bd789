"""What is made of the API server's answers."""

from typing import Any

import httpx2
import pytest
from lightkube import ApiError

from infergraph.kubernetes.operator.refusals import Absent, Refused, Unavailable, refusal

REQUEST = httpx2.Request("PATCH", "https://cluster/")


def error(code: int, message: str = "no", headers: dict[str, str] | None = None) -> ApiError:
    body: dict[str, Any] = {"kind": "Status", "code": code, "message": message}
    return ApiError(request=REQUEST, response=httpx2.Response(code, json=body, headers=headers, request=REQUEST))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *((code, Unavailable) for code in (408, 409, 429, 500, 502, 503, 504)),
        *((code, Refused) for code in (400, 401, 403, 422)),
        *((code, Absent) for code in (404, 410)),
    ],
)
def test_codes(code: int, expected: type[Exception]) -> None:
    assert type(refusal(error(code), "patch Service models/iris")) is expected


def test_it_waits_for_as_long_as_it_is_told_to() -> None:
    found = refusal(error(429, headers={"Retry-After": "7"}), "patch Service models/iris")
    assert isinstance(found, Unavailable)
    assert found.after_s == 7.0


def test_an_answer_that_is_no_status_is_told_too() -> None:
    response = httpx2.Response(429, text="Too many requests", request=REQUEST)
    found = refusal(httpx2.HTTPStatusError("", request=REQUEST, response=response), "list services")
    assert str(found) == "list services: 429 Too many requests"


def test_a_refused_watch_is_told_without_its_answer() -> None:
    """It is a stream, which nobody has read."""
    response = httpx2.Response(503, stream=httpx2.ByteStream(b"no"), request=REQUEST)
    found = refusal(httpx2.HTTPStatusError("", request=REQUEST, response=response), "watch services")
    assert isinstance(found, Unavailable)
    assert str(found) == "watch services: 503 Service Unavailable"


def test_no_answer_is_tried_again() -> None:
    found = refusal(httpx2.ReadTimeout("", request=REQUEST), "get Service models/iris")
    assert isinstance(found, Unavailable)
    assert str(found) == "get Service models/iris: ReadTimeout"


def test_a_permission_that_is_missing_is_named() -> None:
    said = 'services "iris" is forbidden: User "operator" cannot patch resource "services" in API group ""'
    assert 'grant the verb "patch" on the resource "services"' in str(
        refusal(error(403, said), "patch Service models/iris")
    )
    assert str(refusal(error(403, "exceeded quota: pods"), "patch Service models/iris")) == "exceeded quota: pods"
