"""Real models of the frameworks, trained in a moment, and what is left of their files when they break."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import xgboost
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

X, y = load_iris(return_X_y=True)
NAMED = load_iris(as_frame=True).data
ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.1, 4.4, 1.4], [6.3, 3.3, 6.0, 2.5]])  # one flower of each kind


def booster(data: Any = X, labels: Any = y, **parameters: Any) -> Any:
    """An XGBoost booster of a few trees."""
    classifier = xgboost.XGBClassifier(n_estimators=3, n_jobs=1, **parameters)
    return classifier.fit(data, labels).get_booster()


def light(data: Any = X, labels: Any = y, **parameters: Any) -> Any:
    """A LightGBM booster of a few trees."""
    classifier = lightgbm.LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1, **parameters)
    return classifier.fit(data, labels).booster_


def onnx(model: Any = None, data: Any = X, **options: Any) -> bytes:
    """What scikit-learn's converter makes of a model."""
    from skl2onnx import to_onnx

    model = model or LogisticRegression(max_iter=1000).fit(data, y)
    converted = to_onnx(model, data[:1].astype(np.float32), options={id(model): options} if options else None)
    content: bytes = converted.SerializeToString()
    return content


def saved_booster(file: Path) -> None:
    booster().save_model(file.with_suffix(".ubj"))
    file.with_suffix(".ubj").rename(file)


def saved_light(file: Path) -> None:
    light().save_model(file)


def saved_onnx(file: Path) -> None:
    file.write_bytes(onnx())


SAVED: dict[str, tuple[str, Callable[[Path], None]]] = {
    "XGBOOST_SERVER": ("model.bst", saved_booster),
    "LIGHTGBM_SERVER": ("model.txt", saved_light),
    "ONNX_SERVER": ("model.onnx", saved_onnx),
}
"""By server: the file that it looks for, and what writes one."""
