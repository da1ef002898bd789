"""Models that do not load here are served from environments in which they do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from infergraph.errors import LoadError
from infergraph.local.isolated.fix import fix_for, fixed, needed
from infergraph.local.plan import Plan
from infergraph.runtimes.inspection.artifact import examine
from infergraph.runtimes.inspection.report import Field, Package, Problem, Report, Verdict
from tests.conformance.environments import _installer, _is_index_there
from tests.serving import running

DATA = Path(__file__).parents[2] / "runtimes/data"
OLD = DATA / "boosted-1.5.2.joblib"
FLOWER = [5.1, 3.5, 1.4, 0.2]


def report(*install: str, verdict: Verdict = Verdict.FAILS, **fields: object) -> Report:
    problem = Problem(text="it does not fit", install=install, verdict=verdict)
    return Report(path="m", format="a pickle", server="SKLEARN_SERVER", problems=[problem], **fields)  # type: ignore[arg-type]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INFERGRAPH_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_is_installed_beside_infergraph() -> None:
    packages = [
        Package(name="scikit-learn", made_with="1.2.2", installed="1.9.1"),
        Package(name="xgboost", installed="3.2.0"),
        Package(name="lightgbm", made_with="4.1.0"),
        Package(name="torch"),
    ]
    found = report("scikit-learn==1.2.2", "numpy<2", packages=packages, inputs=[Field(name="length")])
    assert needed(found) == (
        *("scikit-learn==1.2.2", "numpy<2", "xgboost==3.2.0", "lightgbm==4.1.0", "torch", "pandas"),
    )


def test_an_extra_brings_its_package() -> None:
    found = report("infergraph[lightgbm]", packages=[Package(name="lightgbm", made_with="4.1.0")])
    assert needed(found) == ("infergraph[lightgbm]",)


@pytest.mark.parametrize(
    "found",
    [
        Report(path="m", format="a pickle", server="SKLEARN_SERVER"),
        report(),
        Report(path="m", format="a Keras file", problems=[Problem(text="no", install=("keras",))]),
    ],
    ids=["it loads", "no package helps", "nothing serves it"],
)
def test_nothing_to_fix(found: Report) -> None:
    assert fix_for(found) is None


def test_requirements_are_kept_by_their_content(cache: Path) -> None:
    first = fix_for(report("scikit-learn==1.5.2"))
    assert first is not None
    assert first.requirements.read_text() == "# Python as it is here\nscikit-learn==1.5.2\n"
    assert first.requirements.is_relative_to(cache)
    assert fix_for(report("scikit-learn==1.5.2", verdict=Verdict.MAY_FAIL)) == first
    other = fix_for(report("scikit-learn==1.3.2", python="3.12"))
    assert other is not None
    assert other.requirements != first.requirements
    assert other.python == "3.12"


def test_a_model_too_old_for_any_python_of_infergraph() -> None:
    with pytest.raises(LoadError, match=r"needs Python 3\.9 or older, and InferGraph needs 3\.11: no environment"):
        fix_for(report("scikit-learn==0.24.2", python="3.9"))


def manifest(folder: Path, **models: Path) -> Path:
    """A chain of models, each served by scikit-learn's server."""
    graph: dict[str, object] = {}
    for name, path in models.items():
        unit: dict[str, object] = {"name": name, "implementation": "SKLEARN_SERVER", "modelUri": str(path)}
        graph = {**unit, "children": [graph]} if graph else unit
    spec = {"predictors": [{"name": "main", "graph": graph}]}
    kind = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment"}
    text = yaml.safe_dump({**kind, "metadata": {"name": "flowers"}, "spec": spec})
    (folder / "flowers.yaml").write_text(text)
    return folder / "flowers.yaml"


def test_only_what_does_not_fit_is_fixed(cache: Path, tmp_path: Path, iris_model: Path) -> None:
    from infergraph.declaration import read_manifests

    plan = fixed(Plan(manifests=read_manifests([str(manifest(tmp_path, old=OLD, new=iris_model))])))
    assert list(plan.fixes) == ["default/flowers/main/old"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the environment, which the first test makes that wants it."""
    if not _is_index_there(_installer(Path(sys.executable), None), None):
        pytest.skip("the package index is out of reach")
    return tmp_path_factory.mktemp("cache")


@pytest.mark.timeout(280)
def test_the_doctor_fixes(kept: Path) -> None:
    command = [sys.executable, "-m", "infergraph", "doctor", str(OLD), "--fix", "--json"]
    env = {**os.environ, "INFERGRAPH_CACHE_DIR": str(kept)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=270, env=env)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["verdict"], said["exit_code"]) == ("fails", 0)
    python = Path(said["environment"]) / "bin/python"
    asked = "import sklearn; print(sklearn.__version__)"
    found = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True, timeout=50)
    assert found.stdout.strip() == "1.5.2"


@pytest.mark.timeout(280)
def test_a_deployment_is_served_from_environments(kept: Path, tmp_path: Path) -> None:
    """Two units want the same one at the same time, and the next run finds it, also while the first one goes on."""
    path = manifest(tmp_path, first=OLD)
    two = tmp_path / "two"
    two.mkdir()
    env = {"INFERGRAPH_CACHE_DIR": str(kept)}
    with (
        running(path, "--fix", env=env) as one,
        running(manifest(two, last=OLD, first=OLD), "--fix", env=env) as other,
    ):
        asked = json.dumps({"data": {"ndarray": [FLOWER]}})
        answer = one.predict(asked).json
        assert answer["data"]["ndarray"][0][0] > 0.3
        assert [event["unit"] for event in other.events if event["event"] == "unit_started"].count("last") == 1
        assert len([event for event in other.events if event["event"] == "unit_started"]) == 2


@pytest.mark.timeout(120)
def test_a_model_that_fits_needs_no_process_of_its_own(iris_model: Path, tmp_path: Path) -> None:
    with running(manifest(tmp_path, iris=iris_model), "--fix") as process:
        process.predict()
        assert not {"unit_fixed", "unit_started"} & {event["event"] for event in process.events}


def test_the_report_is_of_the_committed_model() -> None:
    assert examine(OLD).requirements == ("scikit-learn==1.5.2",)
