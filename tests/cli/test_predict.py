"""`infergraph predict` as a process of its own, against real servers."""

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from infergraph.cli.predict import summary
from tests.client.graphs import manifest, serving, unit
from tests.client.peer import answer, peer
from tests.serving import Process, running


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with serving(tmp_path_factory.mktemp("same"), "Same", "TRANSFORMER") as process:
        yield process


def predict(*arguments: Any, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "infergraph", "predict", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=50)


def http(process: Process) -> str:
    return f"http://127.0.0.1:{process.port}"


def ask(process: Process, *arguments: Any, stdin: bytes = b"") -> Any:
    """The JSON that is written on a pipe."""
    done = predict(http(process), *arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("[[1, 9007199254740993]]", {"data": {"names": [], "ndarray": [[1, 9007199254740993]]}}),
        ('{"data": {"names": ["a"], "ndarray": [[0.5]]}}', {"data": {"names": ["a"], "ndarray": [[0.5]]}}),
        ('{"data": {"ndarray": [["x", null]]}}', {"data": {"names": [], "ndarray": [["x", None]]}}),
        ('{"strData": "text"}', {"strData": "text"}),
        ('{"binData": "AAH/"}', {"binData": "AAH/"}),
        ('{"any": [1]}', {"jsonData": {"any": [1]}}),
        ('"text"', {"strData": "text"}),
        (
            '{"inputs": [{"name": "x", "shape": [1, 2], "datatype": "INT8", "data": [1, 2]}]}',
            {"data": {"names": [], "ndarray": [[1, 2]]}},
        ),
        (
            (
                '{"inputs": [{"name": "x", "shape": [1], "datatype": "BYTES", "data": ["a"]},'
                ' {"name": "y", "shape": [2], "datatype": "BOOL", "data": [true, false]}]}'
            ),
            {"jsonData": {"x": ["a"], "y": [True, False]}},
        ),
    ],
)
def test_data_in_every_form(same: Process, data: str, said: Any) -> None:
    value = ask(same, "--data", data)
    assert value.pop("meta")["puid"]
    assert value == said


def test_names_and_headers(same: Process) -> None:
    value = ask(same, "-d", "[[1, 2]]", "--names", "a, b", "-H", "Seldon-Puid: mine")
    assert value["data"] == {"names": ["a", "b"], "ndarray": [[1, 2]]}
    assert value["meta"]["puid"] == "mine"


CSV = b'\xef\xbb\xbfa,b,c\r\n1,0.5,x\r\n2,,"y,\nz"\r\n'


def test_a_csv_file(same: Process, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(CSV)
    expected = {"names": ["a", "b", "c"], "ndarray": [[1, 0.5, "x"], [2, "NaN", "y,\nz"]]}
    assert ask(same, "--file", tmp_path / "rows.csv")["data"] == expected
    assert ask(same, "--file", "-", stdin=CSV)["data"] == expected
    assert ask(same, "--file", "-", stdin=b"1,2\n3,4\n")["data"] == {"names": [], "ndarray": [[1, 2], [3, 4]]}
    out = predict(http(same), "--file", "-", "--output", "csv", stdin=b'a,b\n1,x\n2,"y,\nz"\n').stdout
    assert out == b'a,b\n1,x\n2,"y,\nz"\n'


def test_a_json_file(same: Process, tmp_path: Path) -> None:
    (tmp_path / "message.json").write_text('{"strData": "text"}')
    assert ask(same, "--file", tmp_path / "message.json")["strData"] == "text"
    assert ask(same, "--file", "-", stdin=b" [[1]]")["data"]["ndarray"] == [[1]]


def test_a_numpy_file_there_and_back(same: Process, tmp_path: Path) -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.save(tmp_path / "array.npy", array)
    for source, stdin in ((tmp_path / "array.npy", b""), ("-", (tmp_path / "array.npy").read_bytes())):
        done = predict(http(same), "-f", source, "-o", "npy", stdin=stdin)
        back = np.load(io.BytesIO(done.stdout))
        assert back.dtype == array.dtype
        np.testing.assert_array_equal(back, array)


def test_a_parquet_file(same: Process, tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pytest.importorskip("pyarrow")
    pd.DataFrame({"a": [1], "b": ["x"]}).to_parquet(path)
    assert ask(same, "--file", path)["data"] == {"names": ["a", "b"], "ndarray": [[1, "x"]]}


def test_a_parquet_file_that_cannot_be_read(same: Process, tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(b"PAR1")
    done = predict(http(same), "--file", tmp_path / "rows.parquet")
    assert done.returncode == 2
    assert re.search(rb"needs pandas|cannot be read as a \.parquet", done.stderr)


def test_rows_in_batches(tmp_path: Path) -> None:
    with running(manifest(tmp_path, unit("model", "Noting"))) as process:  # fails, and notes what it got
        predict(http(process), "-d", "[[1],[2],[3]]", "--batch-rows", "2")
    assert (tmp_path / "noted").read_text() == "[[1], [2]]\n"


def test_batches_are_one_answer(same: Process) -> None:
    rows = [[number, number / 2] for number in range(7)]
    for data in (json.dumps(rows), json.dumps({"data": {"names": ["a", "b"], "ndarray": rows}})):
        assert ask(same, "-d", data, "--batch-rows", 3)["data"]["ndarray"] == rows


def test_repeating_says_how_long_it_took(same: Process) -> None:
    done = predict(http(same), "-d", "[[1]]", "--repeat", 5)
    assert json.loads(done.stdout)["data"]["ndarray"] == [[1]]
    line = rb"5 requests  min [\d.]+ ms  median [\d.]+ ms  p99 [\d.]+ ms  \d+ requests/s\n"
    assert re.fullmatch(line, done.stderr)


def test_the_summary() -> None:
    said = summary([0.001 * number for number in range(1, 201)])
    assert said == "200 requests  min 1.00 ms  median 101.00 ms  p99 198.00 ms  10 requests/s"


def test_over_grpc(same: Process) -> None:
    for arguments in ([f"grpc://{same.grpc}"], [same.grpc, "--grpc"], [f"http://{same.grpc}", "--grpc"]):
        done = predict(*arguments, "-d", "[[1, 9007199254740993]]")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["data"]["ndarray"] == [[1, 9007199254740993]]


def test_a_table_on_a_terminal(same: Process) -> None:
    main, side = pty.openpty()
    command = [sys.executable, "-m", "infergraph", "predict", http(same), "-d", "[[0.5, 2]]", "--names", "a,[b]"]
    done = subprocess.run(command, stdout=side, stderr=subprocess.PIPE, check=True, timeout=50)
    os.close(side)
    with os.fdopen(main, "rb", buffering=0) as terminal:
        text = terminal.read(65536).decode()
    assert done.stderr == b""
    assert re.search(r"a.*\[b\]", text)
    assert re.search(r"0\.5.*2", text)
    assert "puid" in text


def test_a_server_that_refuses(tmp_path: Path) -> None:
    with serving(tmp_path, "Refusing") as process:
        done = predict(http(process), "-d", "[[1]]", "-H", "seldon-puid: mine")
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr == b"infergraph: no such animal (status 422, reason NO_ANIMAL, unit model, puid mine)\n"


def test_a_server_that_is_not_there() -> None:
    with peer() as gone:
        pass
    done = predict(gone.url, "-d", "[[1]]")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"no connection: Connection refused" in done.stderr


def test_time_is_up(tmp_path: Path) -> None:
    with running(manifest(tmp_path, unit("model", "Held"))) as process:
        done = predict(http(process), "-d", "[[1]]", "--timeout", "0.1")
        (tmp_path / "go").touch()
    assert done.returncode == 1
    assert b"no answer within 0.1 s" in done.stderr


def test_an_answer_that_has_no_such_form() -> None:
    with peer(answer(200, b'{"jsonData":1}')) as server:
        done = predict(server.url, "-d", '{"a":1}', "-o", "npy")
    assert done.returncode == 1
    assert b"--output npy writes arrays" in done.stderr


USAGE = [
    ([], "Missing argument 'URL'"),
    (["http://a"], "Give either --data or --file"),
    (["http://a", "-d", "[1]", "-f", "-"], "Give either --data or --file"),
    (["http://a", "-d", "[1"], "Can't find JSON in data"),
    (["http://a", "-d", "3"], "try [[3]]"),
    (["http://a", "-d", '{"data": {"ndarray": [[1], [1, 2]]}}'], "rows of equal length"),
    (["http://a", "-d", '{"inputs": []}'], "1 to 1000 inputs"),
    (["http://a", "-d", '{"a": 1}', "--batch-rows", "2"], "--batch-rows needs rows"),
    (["http://a", "-d", '{"strData": "a"}', "--batch-rows", "2"], "holds no array"),
    (["http://a", "-d", "[1]", "--repeat", "0"], "Invalid value for '--repeat'"),
    (["http://a", "-d", "[1]", "-H", "nothing"], "expected 'Name: value'"),
    (["http://a", "-d", "[1]", "-o", "xml"], "Invalid value for '--output'"),
    (["http://a", "-f", "/nowhere/rows.csv"], "No such file"),
]


@pytest.mark.parametrize(("arguments", "message"), USAGE, ids=lambda value: str(value)[:40])
def test_a_command_that_makes_no_sense(arguments: list[str], message: str) -> None:
    done = predict(*arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.decode().split())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", b"nothing in it"),
        (b"a,b\n1,2\n3\n", b"expected 2 values, got 1 in row 3"),
        (b"a\n\xff\n", b"not UTF-8"),
        (b"\x93NUMPY\x01\x00v", b"cannot be read as a .npy"),
    ],
)
def test_a_file_that_cannot_be_read(content: bytes, message: bytes) -> None:
    done = predict("http://a", "-f", "-", stdin=content)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_pickled_file_is_not_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "array.npy", np.array([{}], dtype=object), allow_pickle=True)
    done = predict("http://a", "-f", tmp_path / "array.npy")
    assert done.returncode == 2
    assert b"allow_pickle=False" in done.stderr
