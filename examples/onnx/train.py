"""Train a network that reads digits and save it as ONNX where onnx.yaml looks for it."""

from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
model = MLPClassifier(hidden_layer_sizes=(32,), max_iter=60, early_stopping=True, random_state=0).fit(X, y)

file = Path(__file__).parent / "model" / "model.onnx"
file.parent.mkdir(exist_ok=True)
file.write_bytes(to_onnx(model, X[:1], options={"zipmap": False}).SerializeToString())
print(f"wrote {file}: {model.score(X, y):.1%} of the {len(X)} digits right")
