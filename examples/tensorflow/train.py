"""Train a network that reads digits and save it as a SavedModel where tensorflow.yaml looks for it."""

import shutil
from pathlib import Path

import keras
from sklearn.datasets import load_digits

keras.utils.set_random_seed(0)
X, y = load_digits(return_X_y=True)
X = (X / 16).astype("float32")
model = keras.Sequential(
    [keras.Input((64,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10, activation="softmax")]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X, y, epochs=8, verbose=0)
_, right = model.evaluate(X, y, verbose=0)

folder = Path(__file__).parent / "model" / "1"  # the version; the server takes the highest
shutil.rmtree(folder, ignore_errors=True)
model.export(folder, verbose=False)
print(f"wrote {folder}: {right:.1%} of the {len(X)} digits right")
