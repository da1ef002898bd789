"""Train the model that every server serves, with the scikit-learn of this environment: `train.py FILE`."""

import sys
from pathlib import Path

import joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

file = Path(sys.argv[1])
file.parent.mkdir(parents=True, exist_ok=True)
joblib.dump(LogisticRegression(max_iter=1000).fit(*load_iris(return_X_y=True)), file)
