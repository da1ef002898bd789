"""Anything at all over a real socket: never a 500, and the next caller is served."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.servers.attacked import assert_is_refusal, assert_unharmed, exchange, path, post, request
from tests.serving import Process

often = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner), max_leaves=15
)
DEPLOYMENTS = st.sampled_from(["identity", "iris", "two", "one", "none"])
TYPES = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""]
) | st.text("abcxyz/+;= -_\xe9", max_size=30)
ENCODINGS = st.sampled_from(["", "identity", "gzip", "deflate", "br", "\xff"])
BODIES = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode())


def maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object that has some of these fields, each right or anything."""
    return st.fixed_dictionaries({}, optional={name: field | JSON for name, field in fields.items()})


SIZES = st.lists(st.integers(-1, 3) | st.integers(), max_size=4)
ROWS = st.lists(st.lists(st.floats() | st.integers(), min_size=4, max_size=4), max_size=3)
TENSORS = maybe(shape=SIZES, values=st.lists(SCALARS, max_size=8))
PROTOS = maybe(
    dtype=st.sampled_from(["DT_FLOAT", "DT_INT8", "DT_BOOL", "DT_UINT64"]),
    tensorShape=st.fixed_dictionaries({"dim": st.lists(maybe(size=st.integers() | st.text(max_size=3)), max_size=3)}),
    floatVal=st.lists(SCALARS, max_size=3),
    intVal=st.lists(SCALARS, max_size=3),
    boolVal=st.lists(SCALARS, max_size=3),
    tensorContent=st.text(max_size=8),
)
DATA = maybe(names=st.lists(st.text(max_size=2), max_size=4), ndarray=ROWS, tensor=TENSORS, tftensor=PROTOS)
META = maybe(puid=st.text(max_size=5), tags=JSON, routing=st.dictionaries(st.text(max_size=3), st.integers()))
MESSAGES = maybe(data=DATA, meta=META, strData=st.text(), binData=st.text(), jsonData=JSON, status=JSON)
FEEDBACK = maybe(request=MESSAGES, response=MESSAGES, truth=MESSAGES, reward=st.floats())


def assert_survived(server: Process, raw: bytes) -> None:
    answer = exchange(server, raw)[0]
    assert answer.status < 500, answer.body
    if answer.status >= 400:
        assert_is_refusal(answer)
    assert_unharmed(server)


@often
@given(BODIES, DEPLOYMENTS, TYPES, ENCODINGS)
def test_any_body(server: Process, body: bytes, to: str, kind: str, encoding: str) -> None:
    assert_survived(server, post(body, to=to, Content_Type=kind, Content_Encoding=encoding))


@often
@given(MESSAGES, DEPLOYMENTS)
def test_nearly_a_message(server: Process, message: Any, to: str) -> None:
    assert_survived(server, post(json.dumps(message).encode(), to=to))


@often
@given(FEEDBACK, st.sampled_from(["identity", "iris", "two", "router"]))
def test_nearly_a_feedback(server: Process, message: Any, to: str) -> None:
    assert_survived(server, post(json.dumps(message).encode(), to=to, at="/api/v1.0/feedback"))


METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "get"])
SEGMENTS = st.sampled_from(
    ["seldon", "default", "identity", "api", "v1.0", "metadata", "status", "doc", "..", "%2f", "%00", "", "?", "#"]
) | st.text("abc%.;:@!$&'()*+,=~-_", max_size=6)
HEADERS = st.dictionaries(
    st.sampled_from(["Seldon-Puid", "Ce-Specversion", "Accept-Encoding", "Range", "Cookie", "Upgrade", "Expect"]),
    st.text("abc;,=/\"'<>\xe9 ", max_size=20),
    max_size=3,
)


@often
@given(METHODS, st.sampled_from(["/", path("identity", "/")]), st.lists(SEGMENTS, max_size=6), HEADERS)
def test_any_path_method_and_headers(
    server: Process, method: str, prefix: str, segments: list[str], headers: dict[str, str]
) -> None:
    assert_survived(server, request(method, prefix + "/".join(segments), headers))
