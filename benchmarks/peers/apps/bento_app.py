"""A BentoML service with two workers and adaptive batching."""

import os

import bentoml
import joblib
import numpy as np

WORKERS = int(os.environ.get("WORKERS", "2"))


@bentoml.service(workers=WORKERS, traffic={"timeout": 60}, logging={"access": {"enabled": False}})
class Iris:
    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    @bentoml.api
    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self.model.predict_proba(rows)

    @bentoml.api
    def identity(self, rows: np.ndarray) -> np.ndarray:
        return rows
