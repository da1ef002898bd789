"""What `infergraph init` writes is run as it stands: its tests, its manifest, its class."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infergraph.cli.init import TYPES
from infergraph.cli.main import main
from tests.serving import microservice, running

ANSWERS = {
    "model": ("/predict", [[0.5, 0.5]]),
    "transformer": ("/transform-input", [[0.1, 0.2, 0.6]]),
    "output-transformer": ("/transform-output", [["c"]]),
    "router": ("/route", [[0]]),
    "combiner": ("/aggregate", [[1.0, 2.0, 6.0]]),
}


def init(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.chdir(folder)
    return CliRunner().invoke(main, ["init", *arguments])


@pytest.fixture
def written(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    done = init(tmp_path, monkeypatch, "my-first", "--type", request.param)
    assert done.exit_code == 0, done.output
    monkeypatch.chdir(tmp_path / "my-first")
    return tmp_path / "my-first", request.param


@pytest.mark.parametrize("written", TYPES, indirect=True)
def test_its_tests_pass_as_they_stand(written: tuple[Path, str]) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"]
    done = subprocess.run(command, cwd=written[0], capture_output=True, text=True, timeout=55, check=False)
    assert done.returncode == 0, done.stdout
    assert int(done.stdout.rpartition(" passed")[0].split()[-1]) >= 2


@pytest.mark.parametrize("written", TYPES, indirect=True)
def test_its_manifest_is_valid(written: tuple[Path, str]) -> None:
    done = CliRunner().invoke(main, ["validate", "my-first.yaml"])
    assert (done.exit_code, done.output) == (
        0,
        "my-first.yaml: SeldonDeployment default/my-first is valid\n",
    )


@pytest.mark.parametrize("written", TYPES, indirect=True)
def test_its_class_is_served_alone(written: tuple[Path, str]) -> None:
    folder, kind = written
    path, expected = ANSWERS[kind]
    message = {"data": {"names": ["a", "b", "c"], "ndarray": [[1.0, 2.0, 6.0]]}}
    with microservice(folder, "my_first:MyFirst") as served:
        answer = served.request("POST", path, [message, message] if kind == "combiner" else message)
    assert answer.json["data"]["ndarray"] == expected


@pytest.mark.parametrize("written", TYPES, indirect=True)
def test_it_keeps_its_contract(written: tuple[Path, str]) -> None:
    folder, kind = written
    with running(folder / "my-first.yaml") as process:
        for url in (f"http://127.0.0.1:{process.port}", f"grpc://{process.grpc}"):
            done = CliRunner().invoke(main, ["contract", "contract.json", url])
            assert done.exit_code == 0, done.output
    endpoint = "predict" if kind == "model" else ANSWERS[kind][0].removeprefix("/")
    with microservice(folder, "my_first:MyFirst") as served:
        command = ["contract", "contract.json", f"http://127.0.0.1:{served.port}", "--endpoint", endpoint]
        assert CliRunner().invoke(main, command).exit_code == 0


def test_it_says_what_comes_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = init(tmp_path, monkeypatch, "spam")
    assert "infergraph run spam.yaml" in done.output
    assert sorted(file.name for file in (tmp_path / "spam").iterdir()) == [
        "README.md",
        "conftest.py",
        "contract.json",
        "requirements.txt",
        "spam.py",
        "spam.yaml",
        "test_spam.py",
    ]
    assert "class Spam:" in (tmp_path / "spam/spam.py").read_text()


def test_it_overwrites_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "spam/spam.py"
    mine.parent.mkdir()
    mine.write_text("mine")
    done = init(tmp_path, monkeypatch, "spam")
    assert done.exit_code == 1
    assert "spam/ is not empty, and nothing in it was changed" in done.output
    assert mine.read_text() == "mine"
    assert list(mine.parent.iterdir()) == [mine]


def test_a_file_of_that_name_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "spam").write_text("mine")
    done = init(tmp_path, monkeypatch, "spam")
    assert done.exit_code == 1
    assert "spam is there already, and is no folder" in done.output
    assert (tmp_path / "spam").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Spam", "small letters, digits and dashes"),
        ("-spam", "No such option"),
        ("spam/ham", "small letters"),
        ("s" * 51, "at most 50"),
        ("spam-", "small letters"),
        ("", "small letters"),
        ("class", "'class' is a word of Python"),
        ("json", "json.py would hide the module `json`"),
        ("numpy", "try numpy-model"),
    ],
)
def test_a_name_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, why: str) -> None:
    done = init(tmp_path, monkeypatch, name)
    assert done.exit_code == 2
    assert why in done.output
    assert not list(tmp_path.iterdir())


def test_an_unknown_type_lists_the_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = init(tmp_path, monkeypatch, "spam", "--type", "oracle")
    assert done.exit_code == 2
    assert all(kind in done.output for kind in TYPES)
