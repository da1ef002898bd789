"""Each example runs as it stands."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.serving import ROOT, running

EXAMPLES = ROOT / "examples"


def test_iris(iris_model: Path) -> None:
    assert iris_model.exists()
    with running(EXAMPLES / "iris/iris.yaml") as process:
        answer = process.predict({"data": {"ndarray": [[1.0, 2.0, 5.0, 6.0]]}}).json
        golden = [9.912315378486697e-07, 0.0007015931307746079, 0.9992974156376876]
        assert answer["data"]["ndarray"][0] == pytest.approx(golden, abs=1e-9)


@pytest.mark.parametrize(
    ("row", "species", "branch", "models"),
    [
        ([51, 35, 14, 2], "versicolor", 0, {"petal-width"}),
        ([59, 30, 51, 18], "virginica", 0, {"petal-width"}),
        ([63, 33, 60, 25], "virginica", 1, {"average", "petal-width-too", "petal-length"}),
    ],
)
def test_graph(row: list[int], species: str, branch: int, models: set[str], flowers: Any) -> None:
    answer = flowers.predict({"data": {"ndarray": [row]}}).json
    assert answer["data"] == {"names": ["species"], "ndarray": [[species]]}
    assert answer["meta"]["routing"] == {"by-size": branch}
    assert set(answer["meta"]["requestPath"]) == {"best-name", "centimetres", *models}
    assert answer["meta"]["tags"] == {"unit": "cm"}


@pytest.fixture(scope="module")
def flowers() -> Any:
    with running(EXAMPLES / "graph/graph.yaml") as process:
        yield process


def test_canary() -> None:
    with running(EXAMPLES / "canary/canary.yaml") as process:
        answers = [process.predict({"data": {"ndarray": [[0.55, 0.55]]}}).json for _ in range(100)]
    versions = Counter(answer["meta"]["tags"]["version"] for answer in answers)
    assert versions == {"1.0": 75, "1.1": 25}


def test_every_example_is_tested() -> None:
    manifests = {path.name for path in EXAMPLES.glob("*/*.yaml")}
    assert manifests == {"iris.yaml", "graph.yaml", "canary.yaml"}
