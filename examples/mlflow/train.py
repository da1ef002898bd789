"""Train a regression of how diabetes goes on and save it with MLflow where mlflow.yaml looks for it."""

import shutil
from pathlib import Path

import mlflow.sklearn
from mlflow.models import infer_signature
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet

X, y = load_diabetes(return_X_y=True, as_frame=True)
model = ElasticNet(alpha=0.001).fit(X, y)

folder = Path(__file__).parent / "model"
shutil.rmtree(folder, ignore_errors=True)  # MLflow writes to a new folder only
mlflow.sklearn.save_model(model, folder, signature=infer_signature(X, model.predict(X)))
print(f"wrote {folder}: {model.score(X, y):.1%} of the variance of {len(X)} patients explained")
