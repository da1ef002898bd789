"""Save the models as MLflow keeps them: `mlflow_model.py MODEL_FILE FOLDER`."""

import sys
from pathlib import Path
from typing import Any

import joblib
import mlflow.pyfunc
import mlflow.sklearn

folder = Path(sys.argv[2])


class Identity(mlflow.pyfunc.PythonModel):
    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        return model_input


if not (folder / "iris").exists():
    mlflow.sklearn.save_model(
        joblib.load(sys.argv[1]),
        str(folder / "iris"),
        pyfunc_predict_fn="predict_proba",
        serialization_format="cloudpickle",
        pip_requirements=[],
    )
if not (folder / "identity").exists():
    mlflow.pyfunc.save_model(str(folder / "identity"), python_model=Identity(), pip_requirements=[])
