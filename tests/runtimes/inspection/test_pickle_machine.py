"""Pickles are followed to their end, whatever made them, and nothing in them runs."""

import os
import pickle
import pickletools
from collections import OrderedDict, deque
from decimal import Decimal
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from infergraph.runtimes.inspection.numpy_state import values_of
from infergraph.runtimes.inspection.pickle_scan import Scan, scan
from infergraph.runtimes.inspection.pickle_values import Made

DATA = Path(__file__).parents[1] / "data"
X, Y = [[0.0], [1.0]], [0, 1]
MODELS = [
    GaussianNB().fit(X, Y),
    RandomForestClassifier(3).fit(X, Y),
    make_pipeline(StandardScaler(), GaussianNB()).fit(X, Y),
    CountVectorizer().fit(["a text", "another one"]),
    OneHotEncoder().fit([["a"], ["b"]]),
]
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
)


def scanned(content: bytes, folder: Path) -> Scan:
    (folder / "m").write_bytes(content)
    return scan(folder / "m")


def names(found: Scan) -> list[str]:
    return [str(one) for one in found.called]


@given(PLAIN, st.sampled_from([0, 1, 2, 3, 4, 5]))
def test_plain_values_come_out_as_they_are(tmp_path_factory: pytest.TempPathFactory, value: Any, protocol: int) -> None:
    folder = tmp_path_factory.getbasetemp()
    content = pickle.dumps(value, protocol=protocol)
    found = scanned(content, folder)
    if not any(opcode.name in ("GLOBAL", "REDUCE") for opcode, _, _ in pickletools.genops(content)):  # old bytes
        assert found.value == value
    assert not found.is_cut_short
    assert not found.unseen


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_models_of_every_protocol(model: Any, protocol: int, tmp_path: Path) -> None:
    found = scanned(pickle.dumps(model, protocol=protocol), tmp_path)
    assert isinstance(found.value, Made)
    assert found.value.name == f"{type(model).__module__}.{type(model).__name__}"
    assert found.value.attribute("_sklearn_version")
    assert not found.unseen


@pytest.mark.parametrize("compress", [0, "zlib", "gzip", "bz2", "xz", "lzma"])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_models_as_joblib_saves_them(model: Any, compress: Any, tmp_path: Path) -> None:
    joblib.dump(model, tmp_path / "m", compress=compress)
    found = scan(tmp_path / "m")
    assert isinstance(found.value, Made)
    assert found.value.name == f"{type(model).__module__}.{type(model).__name__}"
    assert found.value.attribute("_sklearn_version")


@pytest.mark.parametrize("file", [*DATA.glob("*.joblib"), *DATA.glob("*.pkl")], ids=lambda file: file.name)
def test_files_of_older_versions(file: Path) -> None:
    value = scan(file).value
    assert isinstance(value, Made)
    assert value.attribute("_sklearn_version") == file.stem.split("-")[1]


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(["a", "bcd"]),
        np.array(["a", None, 3], dtype=object),
        np.array(5),
        np.zeros(0),
        np.arange(3, dtype=">i4"),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.zeros(1_000_000),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
@pytest.mark.parametrize("save", [joblib.dump, lambda value, file: file.write_bytes(pickle.dumps(value, 5))])
def test_arrays(array: np.ndarray, save: Any, tmp_path: Path) -> None:
    save({"before": 1, "array": array, "after": 2}, tmp_path / "m")
    value = scan(tmp_path / "m").value
    assert (value["before"], value["after"]) == (1, 2)
    assert value["array"].shape == array.shape
    if array.dtype == object:
        assert values_of(value["array"]) == array.tolist()
    elif array.dtype.names:
        assert value["array"].fields == array.dtype.names
    elif array.size == 2:
        assert values_of(value["array"]) == array.tolist()


class Evil:
    def __init__(self, call: Any, *arguments: Any) -> None:
        self.made = call, arguments

    def __reduce__(self) -> Any:
        return self.made


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_nothing_runs(protocol: int, tmp_path: Path) -> None:
    target = tmp_path / "ran"
    found = scanned(pickle.dumps(Evil(os.mkdir, str(target)), protocol=protocol), tmp_path)
    assert [name.partition(".")[2] for name in names(found)][:1] == ["mkdir"]
    assert all(found.called.values())
    assert not target.exists()


@pytest.mark.parametrize("inside", ["object", "structured"])
def test_names_between_the_numbers_of_joblib(inside: str, tmp_path: Path) -> None:
    array = np.array([Evil(os.mkdir, "x")], dtype=object if inside == "object" else [("a", object)])
    joblib.dump([array, np.arange(3.0)], tmp_path / "m")
    assert any(name.endswith(".mkdir") for name in names(scan(tmp_path / "m")))


@pytest.mark.parametrize(
    "content",
    [
        b"cos\nsystem\n(S'ls'\ntR.",
        b"(cos\nsystem\nS'ls'\no.",
        b"(S'ls'\nios\nsystem\n.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R.",
        b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85\x81.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93)}\x92.",
        b"S'o\\x73'\nS'\\163ystem'\n\x93(S'ls'\ntR.",  # hidden behind escapes
        b"\x80\x04}\x8c\x02os\x94\x8c\x06system\x94\x93\x8c\x02ls\x85R0.",  # the result is thrown away
    ],
)
def test_every_opcode_that_calls(content: bytes, tmp_path: Path) -> None:
    found = scanned(content, tmp_path)
    assert names(found) == ["os.system"]
    assert list(found.called.values()) == [True]


def test_other_objects_of_python(tmp_path: Path) -> None:
    for value in (OrderedDict(a=1), deque([1]), Decimal("1.5"), {1, 2}, frozenset({1}), 1j, range(3), bytearray(b"x")):
        for protocol in range(6):
            found = scanned(pickle.dumps(value, protocol), tmp_path)
            assert not found.unseen


@given(st.binary(max_size=200))
def test_any_bytes_end_well(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    scanned(content, tmp_path_factory.getbasetemp())


@pytest.mark.parametrize("compress", [0, "zlib"])
def test_a_file_that_is_cut_anywhere(compress: Any, tmp_path: Path) -> None:
    joblib.dump(MODELS[2], tmp_path / "m", compress=compress)
    content = (tmp_path / "m").read_bytes()
    for length in range(8, len(content) - 16, 7):  # zlib's checksum, at the end, is no part of the pickle
        assert scanned(content[:length], tmp_path).is_cut_short, length


def test_bytes_that_are_changed_end_well(tmp_path: Path) -> None:
    joblib.dump(MODELS[2], tmp_path / "m")
    content = (tmp_path / "m").read_bytes()
    for place in range(0, len(content), 3):
        scanned(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :], tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x04\x8e" + (10**15).to_bytes(8, "little"),  # a petabyte is announced
        b"\x80\x04\x8d" + (10**15).to_bytes(8, "little") + b"abc",
        b"\x80\x02\x8b\xff\xff\xff\x7f1",
        b"c" + b"a" * 1_000_000,
    ],
)
def test_lengths_that_are_lies(content: bytes, tmp_path: Path) -> None:
    found = scanned(content, tmp_path)
    assert found.is_cut_short or found.unseen


def test_a_pickle_without_end(tmp_path: Path) -> None:
    found = scanned(b"\x80\x04" + b"N0" * 1_500_000 + b"N.", tmp_path)
    assert "too long" in found.unseen


def test_a_bomb(tmp_path: Path) -> None:
    """Each list holds the one before it ten times: written out, it would be 10**9 items."""
    lists = b"".join(b"]q%c(%se" % (level + 1, b"h%c" % level * 10) for level in range(9))
    assert not scanned(b"\x80\x02]q\x00" + lists + b".", tmp_path).unseen
