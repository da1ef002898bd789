import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sklearn.linear_model import LogisticRegression

from infergraph.cli.main import main
from tests.artifacts.http_store import http_store

DATA = Path(__file__).parents[1] / "runtimes/data"
MODEL = pickle.dumps(LogisticRegression().fit([[0.0], [1.0]], [0, 1]))
EVIL = b"cos\nsystem\n(Vfalse\ntR."


def asked(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["doctor", *map(str, arguments)])


def written(content: bytes, folder: Path) -> Path:
    (folder / "model.pkl").write_bytes(content)
    return folder / "model.pkl"


def test_a_model_that_loads(tmp_path: Path) -> None:
    done = asked(written(MODEL, tmp_path))
    assert done.exit_code == 0
    lines = {" ".join(line.split()) for line in done.output.splitlines()}
    assert {"model LogisticRegression", "served by SKLEARN_SERVER", "takes [any, 1]", "classes 0, 1"} <= lines
    assert "✓ it will load here" in lines


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (MODEL, 0, "it will load here"),
        (MODEL[:-9], 1, "is cut short or damaged: copy it again"),
        ((DATA / "logistic-1.5.2.pkl").read_bytes(), 3, 'pip install "scikit-learn==1.5.2"'),
        ((DATA / "forest-1.2.2.joblib").read_bytes(), 1, '  pip install "scikit-learn==1.2.2" "numpy<2"'),
        (EVIL, 4, "loading it would call os.system: it can start programs, and no model needs that"),
        (b"", 1, "is empty (0 bytes)"),
    ],
)
def test_exit_codes(content: bytes, code: int, said: str, tmp_path: Path) -> None:
    done = asked(written(content, tmp_path))
    assert done.exit_code == code
    assert said in done.output


def test_json(tmp_path: Path) -> None:
    done = asked(written((DATA / "forest-1.2.2.joblib").read_bytes(), tmp_path), "--json")
    report = json.loads(done.stdout)
    assert report["verdict"] == "fails"
    assert report["exit_code"] == done.exit_code == 1
    assert report["install"] == 'pip install "scikit-learn==1.2.2" "numpy<2"'
    assert report["packages"][0]["made_with"] == "1.2.2"
    assert report["inputs"] == [{"name": "", "dtype": None, "shape": [-1, 4]}]
    assert report["dangers"] == []


def test_json_of_a_danger(tmp_path: Path) -> None:
    report = json.loads(asked(written(EVIL, tmp_path), "--json").stdout)
    assert report["exit_code"] == 4
    assert [(danger["what"], danger["severity"]) for danger in report["dangers"]] == [("os.system", "code")]


@pytest.mark.parametrize("what", ["/no/such/file", "s3://../x", ""])
def test_what_is_not_there(what: str) -> None:
    done = asked(what)
    assert done.exit_code == 1
    assert done.stderr.startswith("infergraph: ")
    assert not done.stdout


def test_an_artifact_from_elsewhere(tmp_path: Path) -> None:
    """In a process of its own, as the cache holds what is in use; --json is alone on standard output."""
    with http_store(**{"model.pkl": MODEL}) as store:
        command = [sys.executable, "-m", "infergraph", "doctor", f"{store.url}/model.pkl", "--json"]
        env = {**os.environ, "INFERGRAPH_CACHE_DIR": str(tmp_path)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50, env=env)
    assert done.returncode == 0
    assert json.loads(done.stdout)["model"] == "LogisticRegression"
