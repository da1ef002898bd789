from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from infergraph.errors import BadMessage, LoadError
from infergraph.runtimes.onnx import OnnxServer
from tests.runtimes import models
from tests.runtimes.models import ROWS, X, y

F4 = X.astype(np.float32)


def served(content: bytes, folder: Path, **parameters: Any) -> OnnxServer:
    """Save a model, and load it as a server does."""
    (folder / "model.onnx").write_bytes(content)
    server = OnnxServer(str(folder), **parameters)
    server.load()
    return server


def own(content: bytes, given: dict[str, np.ndarray]) -> list[Any]:
    """What the framework itself answers."""
    answers: list[Any] = onnxruntime.InferenceSession(content).run(None, given)
    return answers


def graph(nodes: list[Any], inputs: list[Any], outputs: list[Any]) -> bytes:
    """A model written by hand."""
    made = helper.make_graph(nodes, "g", inputs, outputs)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def value(name: str, kind: int = TensorProto.FLOAT, shape: tuple[Any, ...] = ("n", 2)) -> Any:
    return helper.make_tensor_value_info(name, kind, list(shape))


@pytest.mark.parametrize("model", [LogisticRegression(max_iter=1000), RandomForestClassifier(5, random_state=0)])
def test_answers_are_the_models_own(model: Any, tmp_path: Path) -> None:
    content = models.onnx(model.fit(X, y), zipmap=False)
    answer = served(content, tmp_path).predict(X, [])
    labels, probabilities = own(content, {"X": F4})
    np.testing.assert_array_equal(answer["label"], labels)
    np.testing.assert_array_equal(answer["probabilities"], probabilities)
    np.testing.assert_allclose(answer["probabilities"], model.predict_proba(F4), atol=1e-5)


def test_one_output_is_an_array(tmp_path: Path) -> None:
    content = models.onnx(LinearRegression().fit(X, y))
    answer = served(content, tmp_path).predict(X, [])
    np.testing.assert_array_equal(answer, own(content, {"X": F4})[0])
    assert answer.shape == (150, 1)


def test_maps_of_probabilities_are_an_array(tmp_path: Path) -> None:
    content = models.onnx()
    answer = served(content, tmp_path, model_output="output_probability").predict(ROWS, [])
    maps = own(content, {"X": ROWS.astype(np.float32)})[1]
    np.testing.assert_array_equal(answer, np.array([[row[label] for label in (0, 1, 2)] for row in maps], np.float32))


def test_outputs_are_chosen_by_name(tmp_path: Path) -> None:
    content = models.onnx(zipmap=False)
    both = served(content, tmp_path, model_output="probabilities, label")
    assert list(both.predict(ROWS, [])) == ["probabilities", "label"]
    with pytest.raises(
        LoadError, match="the parameter model_output names labels, and the model has label, probabilities"
    ):
        served(content, tmp_path, model_output="labels")


def test_columns_of_a_table(tmp_path: Path) -> None:
    import pandas as pd
    from skl2onnx import to_onnx

    table = pd.DataFrame({"size": np.arange(30, dtype=np.float32), "kind": ["a", "b", "c"] * 10})
    columns = [("n", StandardScaler(), ["size"]), ("c", OneHotEncoder(), ["kind"])]
    model = make_pipeline(ColumnTransformer(columns), LogisticRegression()).fit(table, table["kind"])
    content = to_onnx(model, table[:1], options={"zipmap": False}).SerializeToString()
    server = served(content, tmp_path, model_output="label")
    assert not server.takes_table
    rows = table.to_numpy(dtype=object)
    assert server.predict(rows[:, ::-1], ["kind", "size"]).tolist() == table["kind"].tolist()
    by_name = {"size": table[["size"]].to_numpy(), "kind": table[["kind"]].to_numpy(dtype=object)}
    assert server.predict(by_name, []).tolist() == table["kind"].tolist()
    with pytest.raises(BadMessage, match=r"input `size` takes FP32 .*, and 'large' came"):
        server.predict(np.array([["large", "a"]], dtype=object), [])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.ones((1, 3)), r"input `X` takes FP32 of the shape \[-1, 4\], and the shape \[1, 3\] came"),
        (np.array([["a"] * 4], dtype=object), "and 'a' came"),
        ({"x": [[1, 2, 3, 4]]}, "the model takes `X` by name, and x came"),
        ("text", r"and 'text' came"),
    ],
)
def test_wrong_inputs(given: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadMessage, match=message):
        served(models.onnx(), tmp_path).predict(given, [])


def test_a_number_that_the_model_itself_refuses(tmp_path: Path) -> None:
    table = helper.make_tensor("table", TensorProto.FLOAT, [3], [1.0, 2.0, 3.0])
    nodes = [
        helper.make_node("Constant", [], ["table"], value=table),
        helper.make_node("Gather", ["table", "i"], ["y"]),
    ]
    content = graph(nodes, [value("i", TensorProto.INT64, ("n",))], [value("y", shape=("n",))])
    server = served(content, tmp_path)
    assert server.predict(np.array([2, 0]), []).tolist() == [3.0, 1.0]
    with pytest.raises(BadMessage, match=r"the model cannot take this input: .*indices element out of data bounds"):
        server.predict(np.array([7]), [])


@pytest.mark.parametrize(
    ("node", "is_independent"),
    [(helper.make_node("Relu", ["x"], ["y"]), True), (helper.make_node("Softmax", ["x"], ["y"], axis=0), False)],
)
def test_rows_are_tried(node: Any, is_independent: bool, tmp_path: Path) -> None:
    content = graph([node], [value("x")], [value("y")])
    assert served(content, tmp_path).rows_are_independent is is_independent
    assert served(content, tmp_path, rows_are_independent=False).rows_are_independent is False
    assert served(content, tmp_path, rows_are_independent=True).rows_are_independent is True


def test_threads_are_those_of_the_other_libraries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from infergraph.runtimes.onnx import _threads

    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert _threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert _threads() == 0


def test_metadata(tmp_path: Path) -> None:
    (tmp_path / "metadata.yaml").write_text("name: flowers\n")
    assert served(models.onnx(zipmap=False), tmp_path).init_metadata() == {
        "name": "flowers",
        "platform": "onnxruntime",
        "inputs": [{"name": "X", "datatype": "FP32", "shape": [-1, 4]}],
        "outputs": [
            {"name": "label", "datatype": "INT64", "shape": [-1]},
            {"name": "probabilities", "datatype": "FP32", "shape": [-1, 3]},
        ],
        "custom": {"producer": "skl2onnx"},
    }
