"""Classes that import `seldon_core` run where it is not installed, in real processes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.manifests import predictor, write
from tests.serving import Process, failing, microservice, running

LEGACY = Path(__file__).with_name("legacy.py")
ROWS = {"data": {"ndarray": [[0.25, 0.75]]}}


@pytest.fixture(params=["run", "microservice"])
def process(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Process]:
    shutil.copy(LEGACY, tmp_path)
    env = {"LEGACY_USER": "ada"}
    if request.param == "run":
        manifest = write(tmp_path, predictor("p", "Echo"))
        manifest.write_text(manifest.read_text().replace("components:Echo", "legacy:Legacy"))
        with running(manifest, env=env) as served:
            yield served
    else:
        with microservice(tmp_path, "legacy:Legacy", env=env) as served:
            yield served


def test_it_answers_with_what_it_says_of_the_call(process: Process) -> None:
    answer = process.predict(ROWS).json
    assert answer["data"]["ndarray"] == [[False, True]]
    assert answer["meta"]["tags"] == {"user": "ada"}
    assert [(metric["key"], metric["type"], metric["value"]) for metric in answer["meta"]["metrics"]] == [
        ("c", "COUNTER", 1),
        ("t", "TIMER", 20.5),
        ("g", "GAUGE", 3),
    ]


def test_its_exception_chooses_the_answer(process: Process) -> None:
    answer = process.predict({"strData": "x"})
    assert answer.status == 422
    assert answer.json["status"]["info"] == "x is no number"
    assert answer.json["status"]["reason"] == "NO_NUMBER"


def test_a_raw_method_may_answer(process: Process) -> None:
    assert process.predict({"strData": "raw"}).json["strData"] == "answered raw"


def test_a_real_package_goes_before(tmp_path: Path) -> None:
    (tmp_path / "seldon_core").mkdir()
    (tmp_path / "seldon_core/__init__.py").write_text("WHO = 'the real one'\n")
    (tmp_path / "mine.py").write_text(
        "import seldon_core\n\n\nclass Mine:\n    def predict(self, X, names):\n        return seldon_core.WHO\n"
    )
    with microservice(tmp_path, "mine:Mine") as served:
        assert served.predict(ROWS).json["strData"] == "the real one"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("import seldon_core.seldon_client", "stand-in for seldon_core has no `seldon_core.seldon_client`"),
        ("from seldon_core.user_model import client_predict", "cannot import name 'client_predict'"),
    ],
)
def test_what_the_stand_in_has_not_is_said(tmp_path: Path, line: str, why: str) -> None:
    manifest = write(tmp_path, predictor("p", "Echo"))
    components = tmp_path / "components.py"
    components.write_text(f"{line}\n{components.read_text()}")
    code, errors = failing(manifest, "--port", "0")
    assert code == 1
    assert why in errors
