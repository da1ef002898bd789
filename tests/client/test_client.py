"""Both clients against real servers: every kind of data, there and back."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from infergraph import client as public
from infergraph.client import BadReply, Client, ClientError, Kind, Protocol, Unsendable
from infergraph.payloads import Encoding, Payload
from tests.client.graphs import CLIENTS, branches, manifest, serving, unit, url_of
from tests.serving import Process, running


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with serving(tmp_path_factory.mktemp("echo"), "Telling") as process:
        yield process


@pytest.fixture(scope="module")
def saying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with serving(tmp_path_factory.mktemp("saying"), "Saying") as process:
        yield process


@pytest.fixture(params=["http sync", "http async", "grpc sync", "grpc async"])
def way(request: pytest.FixtureRequest) -> tuple[str, Any]:
    scheme, _, name = request.param.partition(" ")
    return scheme, CLIENTS[name]


def test_all_that_is_public_is_there() -> None:
    found = {
        name for name, value in vars(public).items() if getattr(value, "__module__", "").startswith(public.__name__)
    }
    assert sorted(found) == sorted(public.__all__)


EXACT = [
    np.array([[0.1, 1e300], [-0.0, 5e-324]]),
    np.array([[1, 2**63 - 1], [-(2**63), 2**53 + 1]]),
    np.array([2**64 - 1], dtype=np.uint64),
    np.array([[0.1, 3]], dtype=np.float32),
    np.array([[1, -128]], dtype=np.int8),
    np.array([[True, False]]),
    np.array([["a", "ä"], ["", "日本"]]),
    np.array([["a", 1, None, True, 0.5]], dtype=object),
    np.array([np.nan, np.inf, -np.inf]),
    np.zeros((0, 3), dtype=np.int32),
    np.arange(24, dtype=">i4").reshape(2, 3, 4)[:, ::2, ::-1],
]


@pytest.mark.parametrize("array", EXACT, ids=lambda array: f"{array.dtype}-{array.shape}")
def test_arrays_come_back_as_they_went(echo: Process, way: tuple[str, Any], array: Any) -> None:
    scheme, kind = way
    with kind(url_of(echo, scheme)) as client:
        data = client.predict(array).data
    assert data.shape == array.shape
    assert data.dtype.kind == array.dtype.kind
    assert data.dtype.itemsize == array.dtype.itemsize
    np.testing.assert_array_equal(data, array)
    assert data.ravel().tolist().__repr__() == array.ravel().tolist().__repr__()  # also the sign of zero, and types


@pytest.mark.parametrize(
    "data",
    [[[1, 2**60]], [[1.5, 2]], [["a", None, 3]], [], [True], "text", "", b"\x00\xff", {"a": [1, {"b": None}]}, {}],
    ids=repr,
)
def test_other_kinds_come_back_as_they_went(echo: Process, way: tuple[str, Any], data: Any) -> None:
    scheme, kind = way
    with kind(url_of(echo, scheme)) as client:
        result = client.predict(data)
    assert result.data == data
    assert type(result.data) is type(data)


def test_what_is_beside_the_data(echo: Process, way: tuple[str, Any]) -> None:
    scheme, kind = way
    with kind(url_of(echo, scheme)) as client:
        for data in ([[1.5]], "text"):
            result = client.predict(data, puid="mine")
            assert result.puid == "mine"
            assert result.tags == {"version": 1, "names": ["a"]}
            assert [metric["key"] for metric in result.metrics] == ["n", "t"]
            assert result.request_path == {"model": "img:1.0"}
            assert client.predict(data).puid not in ("", "mine")


def test_arrays_by_name(echo: Process) -> None:
    arrays = {
        "a": np.array([[1], [2]], dtype=np.float32),
        "b": np.array(["x", "y"], dtype=object),
        "c": np.array([b"\xff"], dtype=object),
    }
    with Client(url_of(echo, "http")) as client:
        data = client.predict(arrays).data
        assert {name: (a.dtype, a.tolist()) for name, a in data.items()} == {
            name: (a.dtype, a.tolist()) for name, a in arrays.items()
        }
        with pytest.raises(Unsendable, match="without tags"):
            Client(url_of(echo, "http"), protocol=Protocol.SELDON).predict(arrays)
    with Client(url_of(echo, "grpc")) as client, pytest.raises(Unsendable, match="over REST"):
        client.predict(arrays)


def test_bytes_in_arrays(echo: Process) -> None:
    with Client(url_of(echo, "http")) as client:
        assert client.predict(np.array([b"a", b"b\xff"])).data.tolist() == [b"a", b"b\xff"]
        assert client.predict([[b"a"]]).data == [[b"a"]]


def test_the_seldon_protocol_alone_keeps_types_too(echo: Process) -> None:
    with Client(url_of(echo, "http"), protocol=Protocol.SELDON) as client:
        arrays: list[Any] = [
            np.array([[0.1]], dtype=np.float32),
            np.array([[2**60]]),
            np.array([255], dtype=np.uint8),
            np.array([[np.nan, 1.5]]),
        ]
        for array in arrays:
            data = client.predict(array).data
            assert data.dtype == array.dtype
            np.testing.assert_array_equal(data, array)


def test_a_result_can_be_written_to(echo: Process) -> None:
    with Client(url_of(echo, "http")) as client:
        data = client.predict(np.ones((2, 2))).data
    data += 1
    assert data.tolist() == [[2, 2], [2, 2]]


def test_names_and_tags_go_along(tmp_path: Path, way: tuple[str, Any]) -> None:
    scheme, kind = way
    with serving(tmp_path, "Same", "TRANSFORMER") as process, kind(url_of(process, scheme)) as client:
        result = client.predict(np.array([[0.5, 2]], dtype=np.float32), names=["a", "b"], tags={"from": {"a": 1}})
        assert result.names == ["a", "b"]
        assert result.tags == {"from": {"a": 1}}
        assert result.data.dtype == np.float32
        assert client.predict([[1]], names=["only"]).names == ["only"]
        assert client.predict([[1]]).names == []


NUMBERS = ["?", "<f2", "<f4", "<f8", *(f"<{sign}{size}" for sign in "iu" for size in (1, 2, 4, 8))]
ARRAYS = st.sampled_from(NUMBERS).flatmap(
    lambda dtype: npst.arrays(np.dtype(dtype), npst.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4))
)


@settings(deadline=None, max_examples=150)
@given(array=ARRAYS)
def test_arrays_of_any_type_and_shape_come_back(echo: Process, array: Any) -> None:
    with Client(url_of(echo, "http")) as client:
        data = client.predict(array).data
    assert (data.dtype, data.shape, data.tobytes()) == (array.dtype, array.shape, array.tobytes())


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
CELLS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXTS


@settings(deadline=None, max_examples=100)
@given(rows=st.lists(st.tuples(CELLS, TEXTS), min_size=1, max_size=4))
def test_rows_of_mixed_values_come_back(echo: Process, rows: list[tuple[Any, str]]) -> None:
    with Client(url_of(echo, "http")) as client:
        assert client.predict(rows).data == [list(row) for row in rows]


@pytest.mark.parametrize("names", [None, ["kind"]])
@pytest.mark.parametrize(
    ("what", "data"),
    [("text", "said"), ("bytes", b"\x00\xff"), ("json", {"a": [1, None]}), ("mixed", [["cat", 0.5, None]])],
)
def test_an_answer_of_another_kind(saying: Process, way: tuple[str, Any], what: str, data: Any, names: Any) -> None:
    scheme, kind = way
    with kind(url_of(saying, scheme)) as client:
        assert client.predict([[what]], names).data == data


@pytest.mark.parametrize("names", [None, ["kind"]])
def test_nan_in_an_answer_is_a_number(saying: Process, names: Any) -> None:
    with Client(url_of(saying, "http")) as client:
        data = client.predict(np.array([["nan"]]), names).data
    assert data.dtype == np.float64
    np.testing.assert_array_equal(data, [[1.5, np.nan]])


def test_a_kind_that_is_asked_for(saying: Process) -> None:
    with Client(url_of(saying, "http")) as client:
        assert client.predict([["wide"]], kind=Kind.NUMPY).data.dtype == np.int64
        assert client.predict([["wide"]], kind=Kind.JSON).data == [[2**60 + 1]]
        assert client.predict([["named"]], kind=Kind.LIST).data == {"p": [["named"]], "q": [["named"]]}
        assert client.predict("text", kind=Kind.TEXT).data == "said"
        with pytest.raises(BadReply, match=r"Expected numpy, and the answer is str: 'said'"):
            client.predict([["text"]], kind=Kind.NUMPY)
        with pytest.raises(BadReply, match="Expected text, and the answer is an array"):
            client.predict([["wide"]], kind=Kind.TEXT)


def test_a_payload_goes_as_it_is(echo: Process, way: tuple[str, Any]) -> None:
    scheme, kind = way
    with kind(url_of(echo, scheme)) as client:
        result = client.predict(Payload(np.array([[1.5]]), Encoding.NDARRAY, ["a"]))
    assert result.answer.encoding is Encoding.NDARRAY
    assert result.data.tolist() == [[1.5]]


@pytest.mark.parametrize("branch", [0, 1])
@pytest.mark.parametrize("names", [None, ["x", "y"]])
def test_feedback_goes_the_way_of_the_request(tmp_path: Path, way: tuple[str, Any], branch: int, names: Any) -> None:
    scheme, kind = way
    with running(branches(tmp_path)) as process, kind(url_of(process, scheme)) as client:
        result = client.predict(np.array([[branch, 0.5]], dtype=np.float32), names)
        assert result.routing == {"router": branch}
        client.feedback(result, reward=0.25, truth=[[7]])
        client.feedback(client.predict([[branch]]), reward=1)
    name = ["left", "right"][branch]
    first, second = (tmp_path / "feedback").read_text().splitlines()
    assert re.fullmatch(rf"{name} 0\.25 \[\[{branch}(\.0)?, 0\.5\]\] \[\[7(\.0)?\]\]", first)
    assert re.match(rf"{name} 1\.0 \[\[{branch}(\.0)?\]\]", second)


def test_metadata_and_health(echo: Process, way: tuple[str, Any]) -> None:
    scheme, kind = way
    with kind(url_of(echo, scheme)) as client:
        assert client.metadata()["name"] == "default"
        assert client.metadata("model")["name"] == "img"
        assert client.is_ready() is True
        assert client.is_live() is True
        client.wait_ready()


@pytest.mark.parametrize(
    "where",
    [
        {"deployment": "test"},
        {"deployment": "test", "namespace": "default"},
        {"headers": {"X-Mine": "1"}},
    ],
)
def test_a_deployment_by_name(echo: Process, way: tuple[str, Any], where: Any) -> None:
    scheme, kind = way
    with kind(url_of(echo, scheme), **where) as client:
        assert client.predict([[1]]).data == [[1]]
        assert client.is_ready()


def test_a_deployment_by_path(echo: Process, way: tuple[str, Any]) -> None:
    scheme, kind = way
    with kind(f"{url_of(echo, scheme)}/seldon/default/test/") as client:
        assert client.predict([[1]]).data == [[1]]
        assert client.metadata()["name"] == "default"


@pytest.mark.parametrize(
    "url",
    ["ftp://a", "http://", "http://a/?x=1", "grpc://a/other"],
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ClientError):
        Client(url)
    with pytest.raises(ClientError, match="no deployment"):
        Client("http://a", namespace="x")


def test_threads_share_a_client(echo: Process) -> None:
    start = threading.Barrier(8)
    with Client(url_of(echo, "http")) as client, ThreadPoolExecutor(8) as pool:

        def ask(number: int) -> Any:
            start.wait()
            return [client.predict([[number]]).data for _ in range(20)]

        answers = list(pool.map(ask, range(8)))
    assert answers == [[[[number]]] * 20 for number in range(8)]


def test_a_large_tensor_and_a_large_answer(tmp_path: Path) -> None:
    array = np.random.default_rng(0).random((4, 3, 224, 224), dtype=np.float32)
    with running(manifest(tmp_path, unit("model", "Echo"))) as process:
        for kind in CLIENTS.values():
            with kind(url_of(process, "http")) as client:
                np.testing.assert_array_equal(client.predict(array).data, array)


@pytest.mark.parametrize(
    ("package", "use"),
    [
        ("urllib3", 'Client("http://127.0.0.1:1")'),
        ("aiohttp", 'AsyncClient("http://127.0.0.1:1")'),
        ("grpc", 'Client("grpc://127.0.0.1:1")'),
    ],
)
def test_what_is_not_installed_is_said(package: str, use: str) -> None:
    program = f"import sys; sys.modules[{package!r}] = None\nfrom infergraph.client import *\n"
    program += f"try:\n    {use}\nexcept ClientError as error:\n    print(error)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install 'infergraph[" in done.stdout
