"""Writes small files of frameworks that are too heavy for the environment of the tests. Run it with each of them:

    python make.py catboost        # 1.2.10
    python make.py skops           # 0.16.0, scikit-learn 1.9.1
    python make.py tensorflow      # 2.21.0, Keras 3.15.1
    python make.py torch           # 2.13.0
    python make.py mlflow          # 3.17.2, scikit-learn 1.9.1
    python make.py transformers    # needs safetensors and NumPy only: a description, and weights of one layer

The versions behind the names are those of the committed files.
"""

import json
import pickle
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
LINEAR = """
import torch
class Linear(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 3)
    def forward(self, x):
        return self.layer(x)
"""
ECHO = """
import mlflow
class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input
"""


def defined(source: str, module: str) -> dict:
    """What a module of this name defines; the files keep its name, and not where this one lies."""
    made = sys.modules.get(module) or type(sys)(module)
    sys.modules[module] = made
    exec(compile(source, f"{module}.py", "exec"), vars(made))
    return vars(made)


def catboost() -> None:
    from catboost import CatBoostClassifier
    from sklearn.datasets import load_iris

    iris = load_iris(as_frame=True)
    model = CatBoostClassifier(iterations=2, depth=2, verbose=0, allow_writing_files=False)
    model.fit(iris.data, iris.target)
    model.save_model(HERE / "model.cbm")
    model.save_model(HERE / "catboost.json", format="json")


def skops() -> None:
    import skops.io
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    skops.io.dump(LogisticRegression(max_iter=1000).fit(*load_iris(return_X_y=True)), HERE / "model.skops")


def tensorflow() -> None:
    import keras
    import tensorflow as tf

    class Half(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 1], tf.float32, name="x")])
        def predict(self, x):
            return {"y": 0.5 * x + 2.0}

    class Reads(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([], tf.string, name="x")])
        def predict(self, x):
            return {"y": tf.io.read_file(x)}

    for name, module in (("half", Half()), ("reads", Reads())):
        tf.saved_model.save(module, str(HERE / name / "1"), signatures={"serving_default": module.predict})
        for rest in ("variables", "assets", "fingerprint.pb"):
            path = HERE / name / "1" / rest
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    twice = eval(compile("lambda x: x * 2", "layers.py", "eval"))
    for name, layer in (("dense", keras.layers.Dense(3)), ("lambda", keras.layers.Lambda(twice))):
        model = keras.Sequential([keras.layers.Input((4,)), layer])
        model.save(HERE / f"{name}.keras")
        model.save(HERE / f"{name}.h5")


def torch() -> None:
    import torch

    Linear = defined(LINEAR, "my_models")["Linear"]
    model = Linear().eval()
    torch.jit.trace(model, torch.zeros(1, 4)).save(HERE / "script.pt")
    torch.save(model.state_dict(), HERE / "weights.pt")
    torch.save(model, HERE / "whole.pt")
    torch.save(model.state_dict(), HERE / "legacy.pt", _use_new_zipfile_serialization=False)
    program = torch.export.export(model, (torch.zeros(1, 4),))
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)
    torch.export.save(program, HERE / "program.pt2")


def mlflow() -> None:
    import mlflow
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    Echo = defined(ECHO, "__main__")["Echo"]
    iris = load_iris(as_frame=True)
    model = LogisticRegression(max_iter=1000).fit(iris.data, iris.target)
    signature = mlflow.models.infer_signature(iris.data, model.predict(iris.data))
    mlflow.sklearn.save_model(model, HERE / "mlflow-sklearn", signature=signature)
    mlflow.pyfunc.save_model(HERE / "mlflow-python", python_model=Echo())
    # Where the code lay is in it too, and is nobody's business: as many bytes of nothing instead.
    pickled = HERE / "mlflow-python/python_model.pkl"
    paths = rb"/(?:[\w.-]+/)+(?=[\w-]+\.py)"
    pickled.write_bytes(re.sub(paths, lambda found: b"_" * len(found[0]), pickled.read_bytes()))


def transformers() -> None:
    import numpy as np
    from safetensors.numpy import save_file

    folder = HERE / "bert"
    folder.mkdir(exist_ok=True)
    described = {"architectures": ["BertModel"], "model_type": "bert", "transformers_version": "4.46.3"}
    (folder / "config.json").write_text(json.dumps(described))
    save_file({"layer.weight": np.zeros((2, 3), "f4")}, folder / "model.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    pickle.DEFAULT_PROTOCOL = 4
    globals()[sys.argv[1]]()
