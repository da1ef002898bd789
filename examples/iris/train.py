"""Train a classifier of iris flowers and save it where iris.yaml looks for it."""

from pathlib import Path

import joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

X, y = load_iris(return_X_y=True)
model = OneVsRestClassifier(LogisticRegression(solver="liblinear")).fit(X, y)

file = Path(__file__).parent / "model" / "model.joblib"
file.parent.mkdir(exist_ok=True)
joblib.dump(model, file)
print(f"wrote {file}: {model.score(X, y):.1%} of the {len(X)} flowers right")
