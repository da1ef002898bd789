"""Train a classifier of tumours and save it where xgboost.yaml looks for it."""

from pathlib import Path

from sklearn.datasets import load_breast_cancer
from xgboost import XGBClassifier

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
model = XGBClassifier(n_estimators=50, max_depth=3).fit(X, y)

file = Path(__file__).parent / "model" / "model.json"
file.parent.mkdir(exist_ok=True)
model.save_model(file)
print(f"wrote {file}: {model.score(X, y):.1%} of the {len(X)} tumours right")
