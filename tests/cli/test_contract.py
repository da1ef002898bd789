"""`infergraph contract` against real servers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from infergraph.cli.main import main
from tests.local.manifests import predictor, write
from tests.serving import Process, microservice, running

COMPONENT = '''
import numpy as np


class Odd:
    """Gives back its rows, but for what a test asks for; it says no to numbers above its limit."""

    def __init__(self, limit: float = 100.0):
        self.limit = limit

    def predict(self, X, names):
        if np.max(X[:, 0]) > self.limit:
            raise ValueError("too large")
        return X

    transform_input = transform_output = predict

    def route(self, X, names):
        return int(X[0][0])

    def aggregate(self, features_list, names_list):
        return features_list[0] + features_list[1]

    def send_feedback(self, X, names, reward, truth, routing=None):
        assert 0 <= reward <= 1 and truth.shape == (len(X), 2)
'''
X = {"name": "x", "dtype": "FLOAT", "ftype": "continuous", "range": [0, 10], "repeat": 2}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("odd")
    (folder / "odd.py").write_text(COMPONENT)
    with microservice(folder, "odd:Odd") as process:
        yield process


@pytest.fixture(params=["rest", "grpc"])
def url(served: Process, request: pytest.FixtureRequest) -> str:
    return f"http://127.0.0.1:{served.port}" if request.param == "rest" else f"grpc://{served.grpc}"


def asked(folder: Path, url: str, *flags: str, features: Any = (X,), targets: Any = (X,)) -> Result:
    (folder / "contract.json").write_text(json.dumps({"features": list(features), "targets": list(targets)}))
    return CliRunner().invoke(main, ["contract", str(folder / "contract.json"), url, *flags])


@pytest.mark.parametrize("endpoint", ["predict", "transform-input", "transform-output", "route", "send-feedback"])
def test_what_holds(tmp_path: Path, url: str, endpoint: str) -> None:
    done = asked(tmp_path, url, "--endpoint", endpoint, "--count", "5", "--seed", "3")
    assert (done.exit_code, done.output) == (0, "5 requests with 1 row each: everything holds (--seed 3)\n")


def test_a_combiner_gets_two_answers(tmp_path: Path, url: str) -> None:
    sums = {**X, "range": [0, 20]}
    assert asked(tmp_path, url, "--endpoint", "aggregate", "-n", "20", targets=[sums]).exit_code == 0
    assert asked(tmp_path, url, "--endpoint", "aggregate", "-n", "20", targets=[X]).exit_code == 1


def test_what_does_not_hold_is_in_the_table(tmp_path: Path, url: str) -> None:
    done = asked(tmp_path, url, "-n", "10", "--batch", "3", "--seed", "1", targets=[{**X, "range": [0, 1]}])
    assert done.exit_code == 1
    for words in ("expected", "between 0 and 1", "x:0", "x:1", "request 1 $.data.ndarray["):
        assert words in done.output
    assert done.output.endswith("10 requests with 3 rows each: 2 expectations not met (--seed 1)\n")


def test_another_number_of_columns(tmp_path: Path, url: str) -> None:
    done = asked(tmp_path, url, "-n", "3", targets=[{**X, "repeat": 3}])
    assert done.exit_code == 1
    assert "shape (1, 3): rows, columns of the targets" in done.output
    assert "shape (1, 2)" in done.output


def test_a_refusal_is_a_finding(tmp_path: Path, url: str) -> None:
    done = asked(tmp_path, url, "-n", "4", features=[{**X, "range": [200, 300]}])
    assert done.exit_code == 1
    assert "an answer" in done.output
    assert "too large" in done.output
    assert "500" in done.output


def test_tensors(tmp_path: Path, url: str) -> None:
    done = asked(tmp_path, url, "--tensor", "-n", "1", "--print")
    assert done.exit_code == 0
    assert done.output.count('"tensor":{"shape":[1,2]') == 2
    texts = {"name": "c", "ftype": "categorical", "values": ["a"]}
    done = asked(tmp_path, url, "--tensor", features=[texts])
    assert (done.exit_code, "a tensor holds numbers only" in done.output) == (2, True)


def test_a_deployment_in_its_namespace(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Echo"), name="echo")) as process:
        for url in (f"http://127.0.0.1:{process.port}", f"grpc://{process.grpc}"):
            assert asked(tmp_path, f"{url}/seldon/default/echo").exit_code == 0
            done = asked(tmp_path, f"{url}/seldon/default/nobody", "-n", "1")
            assert (done.exit_code, "404" in done.output) == (1, True)


def test_a_contract_that_makes_no_sense(tmp_path: Path) -> None:
    done = asked(tmp_path, "http://127.0.0.1:9", features=[{**X, "range": [1, 0]}])
    assert done.exit_code == 2
    assert "Expected the lowest value first, got [1.0, 0.0] - at `$.features[0].range`" in done.output


def test_nothing_answers(tmp_path: Path) -> None:
    done = asked(tmp_path, "http://127.0.0.1:9")
    assert done.exit_code == 1
    assert "infergraph: http://127.0.0.1:9/api/v1.0/predictions: no connection" in done.output


def test_without_a_file() -> None:
    done = CliRunner().invoke(main, ["contract"])
    assert (done.exit_code, "Give the FILE of a contract" in done.output) == (2, True)


def test_one_is_written_from_rows_and_kept(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("size,count,kind\n1.5,3,a\n2.5,,b\n0.5,1,a\n")
    command = ["contract", "--from", str(tmp_path / "rows.csv"), "--target", "kind"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0
    assert json.loads(done.output) == {
        "features": [
            {"name": "size", "dtype": "FLOAT", "ftype": "continuous", "range": [0.5, 2.5]},
            {"name": "count", "dtype": "FLOAT", "ftype": "continuous", "range": [1.0, 3.0]},
        ],
        "targets": [{"name": "kind", "dtype": "STRING", "ftype": "categorical", "values": ["a", "b"]}],
    }


@pytest.mark.parametrize(
    ("text", "target", "why"),
    [
        ("a,b\n1,2\n", "c", "there is no column 'c'; the columns are a, b"),
        ("1,2\n3,4\n", "a", "the first row of the CSV file has to name the columns"),
        ("a\n" + "".join(f"t{n}\n" for n in range(101)), "a", "column 'a' has 101 different texts"),
    ],
)
def test_rows_that_make_no_contract(tmp_path: Path, text: str, target: str, why: str) -> None:
    (tmp_path / "rows.csv").write_text(text)
    done = CliRunner().invoke(main, ["contract", "--from", str(tmp_path / "rows.csv"), "--target", target])
    assert (done.exit_code, why in done.output) == (2, True), done.output
