import mlflow.pyfunc
import numpy as np
from sklearn.datasets import load_diabetes

from tests.runtimes.examples import served_example


def test_the_patients_get_mlflows_own_numbers() -> None:
    table = load_diabetes(as_frame=True).data[::50]
    with served_example("mlflow") as (process, folder):
        own = mlflow.pyfunc.load_model(str(folder)).predict(table)
        named = {"names": list(table)[::-1], "ndarray": table.to_numpy()[:, ::-1].tolist()}
        answer = process.predict({"data": named}).json
        np.testing.assert_allclose(answer["data"]["ndarray"], own, rtol=1e-12)
        columns = [
            {"name": name, "shape": [1], "datatype": "FP64", "data": [table[name].iloc[0]]}
            for name in list(table)[::-1]
        ]
        asked = process.request("POST", "/v2/models/diabetes/infer", {"inputs": columns}).json
        np.testing.assert_allclose(asked["outputs"][0]["data"], own[:1], rtol=1e-12)
        assert process.predict({"data": {"ndarray": [[1, 2]]}}).status == 400
