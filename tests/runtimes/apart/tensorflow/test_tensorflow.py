import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from infergraph.errors import BadMessage, LoadError
from infergraph.runtimes.tensorflow import TensorflowServer


class Several(tf.Module):
    """One signature of each kind."""

    def __init__(self) -> None:
        super().__init__()
        self.half = tf.Variable(0.5)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def half_plus_two(self, x: Any) -> Any:
        return {"y": self.half * x + 2.0}

    @tf.function(
        input_signature=[tf.TensorSpec([None, 2], tf.float32, name="p"), tf.TensorSpec([None], tf.string, name="q")]
    )
    def by_name(self, p: Any, q: Any) -> Any:
        return {"total": tf.reduce_sum(p, 1), "upper": tf.strings.upper(q)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64, name="i")])
    def gather(self, i: Any) -> Any:
        return {"v": tf.gather(tf.constant([1.0, 2.0, 3.0]), i)}

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])
    def centred(self, x: Any) -> Any:
        return {"y": x - tf.reduce_mean(x, 0)}


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SavedModel with versions and signatures."""
    model = Several()
    folder = tmp_path_factory.mktemp("several")
    signatures = {"by_name": model.by_name, "gather": model.gather, "centred": model.centred}
    tf.saved_model.save(model, str(folder / "2"), signatures={"serving_default": model.half_plus_two, **signatures})
    (folder / "1").mkdir()
    return folder


def served(folder: Path, **parameters: Any) -> TensorflowServer:
    """Load a folder as a server does."""
    server = TensorflowServer(str(folder), **parameters)
    server.load()
    return server


def test_half_plus_two(several: Path) -> None:
    server = served(several)
    assert server.predict(np.array([1.0, 2, 5]), []).tolist() == [2.5, 3.0, 4.5]
    assert server.rows_are_independent


def test_answers_of_keras_are_its_own(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    layers = [keras.Input((4,)), keras.layers.Dense(8), keras.layers.BatchNormalization(), keras.layers.Dense(3)]
    model = keras.Sequential(layers)
    model.export(tmp_path / "1", verbose=False)
    rows = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    server = served(tmp_path)
    np.testing.assert_allclose(server.predict(rows, []), model(rows).numpy(), rtol=1e-5, atol=1e-6)
    assert server.rows_are_independent


def test_inputs_and_outputs_by_name(several: Path) -> None:
    server = served(several, signature_name="by_name")
    assert not server.takes_table
    answer = server.predict({"p": [[1, 2], [3, 4]], "q": np.array([b"a", "b"], dtype=object)}, [])
    assert answer["total"].tolist() == [3.0, 7.0]
    assert answer["upper"].tolist() == ["A", "B"]
    only = served(several, signature_name="by_name", model_output="upper")
    assert only.predict({"p": [[1, 2]], "q": ["a"]}, []).tolist() == ["A"]
    with pytest.raises(BadMessage, match="the model takes `p`, `q` by name"):
        server.predict(np.ones((1, 2)), [])


def test_the_form_of_tensorflow_serving(several: Path) -> None:
    server = served(several)
    assert server.predict({"instances": [1.0, 2.0]}) == {"predictions": [2.5, 3.0]}
    assert server.predict_prepared(server.prepare({"inputs": [1.0]})) == {"outputs": [2.5]}
    by_name = served(several, signature_name="by_name")
    rows = [{"p": [1, 2], "q": "a"}, {"p": [3, 4], "q": "b"}]
    expected = [{"total": 3.0, "upper": "A"}, {"total": 7.0, "upper": "B"}]
    assert by_name.predict({"instances": rows, "signature_name": "by_name"}) == {"predictions": expected}


@pytest.mark.parametrize(
    ("signature", "given", "message"),
    [
        ("serving_default", np.ones((1, 2)), r"input `x` takes FP32 of the shape \[-1\], and the shape \[1, 2\] came"),
        ("serving_default", np.array(["a"], dtype=object), "and 'a' came"),
        ("serving_default", {"instances": ["a"]}, "and 'a' came"),
        ("gather", np.array([0.5]), "input `i` takes INT64 .* and 0.5 came"),
        ("gather", np.array([7]), r"the model cannot take this input: indices\[0\] = 7 is not in \[0, 3\)$"),
    ],
)
def test_wrong_inputs(signature: str, given: Any, message: str, several: Path) -> None:
    with pytest.raises(BadMessage, match=message):
        served(several, signature_name=signature, rows_are_independent=False).predict(given, [])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"signature_name": "other"}, "the parameter signature_name is 'other', and the model has serving_default, by"),
        ({"model_input": "z"}, "the parameter model_input is 'z', and the model has x"),
        ({"model_output": "z"}, "the parameter model_output names z, and the model has y"),
    ],
)
def test_wrong_parameters(parameters: dict[str, Any], message: str, several: Path) -> None:
    with pytest.raises(LoadError, match=message):
        served(several, **parameters)


def test_rows_are_tried(several: Path) -> None:
    assert not served(several, signature_name="centred").rows_are_independent
    assert served(several, signature_name="centred", rows_are_independent=True).rows_are_independent


def cut(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:20])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut("saved_model.pb"), r"is cut short or damaged: copy it again \(OSError: Cannot parse file"),
        (cut("variables/variables.index"), "is cut short or damaged: copy it again"),
        (
            lambda folder: (folder / "variables/variables.data-00000-of-00001").write_bytes(b""),
            "is cut short or damaged",
        ),
        (
            lambda folder: (folder / "saved_model.pb").write_bytes(b"tree\n"),
            "is a LightGBM model, and TENSORFLOW_SERVER",
        ),
    ],
)
def test_broken_folders(damage: Callable[[Path], object], message: str, several: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(several / "2", folder)
    damage(folder)
    with pytest.raises(LoadError, match=message) as caught:
        served(folder)
    assert "\n" not in str(caught.value)


def test_metadata(several: Path) -> None:
    assert served(several, signature_name="by_name").init_metadata() == {
        "platform": "tensorflow",
        "inputs": [
            {"name": "p", "datatype": "FP32", "shape": [-1, 2]},
            {"name": "q", "datatype": "BYTES", "shape": [-1]},
        ],
        "outputs": [
            {"name": "total", "datatype": "FP32", "shape": [-1]},
            {"name": "upper", "datatype": "BYTES", "shape": [-1]},
        ],
        "custom": {"signature_name": "by_name", "version": "2"},
    }
