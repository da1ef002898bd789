"""Each example runs as it stands."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

from tests.runtimes.examples import served_example
from tests.serving import ROOT, running

EXAMPLES = ROOT / "examples"
TESTS = ROOT / "tests"


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


def test_xgboost() -> None:
    import xgboost

    table = load_breast_cancer(as_frame=True).data[::50]
    with served_example("xgboost") as (process, folder):
        own = xgboost.Booster(model_file=folder / "model.json").predict(xgboost.DMatrix(table))
        named = {"names": list(table)[::-1], "ndarray": table.to_numpy()[:, ::-1].tolist()}
        answer = process.predict({"data": named}).json
        np.testing.assert_array_equal(np.array(answer["data"]["ndarray"], np.float32), own)
        assert answer["data"]["names"] == []


def test_lightgbm() -> None:
    import lightgbm

    table = load_diabetes(as_frame=True).data[::50]
    with served_example("lightgbm") as (process, folder):
        own = lightgbm.Booster(model_file=folder / "model.txt").predict(table)
        answer = process.predict({"data": {"ndarray": table.to_numpy().tolist()}}).json
        np.testing.assert_allclose(answer["data"]["ndarray"], own, rtol=1e-15)


def test_onnx() -> None:
    import onnxruntime

    digits = (load_digits().data[::200] / 16).astype(np.float32)
    with served_example("onnx") as (process, folder):
        own = onnxruntime.InferenceSession(folder / "model.onnx").run(["probabilities"], {"X": digits})[0]
        answer = process.predict({"data": {"tensor": {"shape": [*digits.shape], "values": digits.ravel().tolist()}}})
        assert answer.json["data"]["tensor"]["shape"] == [9, 10]
        np.testing.assert_allclose(answer.json["data"]["tensor"]["values"], own.ravel(), rtol=1e-5, atol=1e-7)
        metadata = process.request("GET", "/v2/models/digits").json
        assert metadata["inputs"] == [{"name": "X", "datatype": "FP32", "shape": [-1, 64]}]
        assert metadata["outputs"] == [{"name": "probabilities", "datatype": "FP32", "shape": [-1, 10]}]
        tensor = {"name": "X", "shape": [1, 64], "datatype": "FP32", "data": digits[:1].tolist()}
        asked = process.request("POST", "/v2/models/digits/infer", {"inputs": [tensor]}).json
        assert asked["outputs"][0]["name"] == "probabilities"
        assert asked["outputs"][0]["datatype"] == "FP32"
        np.testing.assert_allclose(asked["outputs"][0]["data"], own[0], rtol=1e-5, atol=1e-7)
        bad = process.predict({"data": {"ndarray": [[1, 2]]}})
        assert bad.status == 400
        assert "input `X` takes FP32 of the shape [-1, 64], and the shape [1, 2] came" in bad.json["status"]["info"]


def test_every_example_is_tested() -> None:
    manifests = {path.parent.name for path in EXAMPLES.glob("*/*.yaml")}
    tested = {path.stem.removesuffix("_example").removeprefix("test_") for path in TESTS.rglob("apart/*/test_*.py")}
    assert manifests <= {"iris", "graph", "canary", "xgboost", "lightgbm", "onnx"} | tested
