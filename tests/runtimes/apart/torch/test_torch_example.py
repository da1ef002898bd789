import numpy as np
import torch
from sklearn.datasets import load_digits

from tests.runtimes.examples import served_example


def test_the_digits_get_torchs_own_numbers() -> None:
    images = (load_digits().data[::200] / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    with served_example("torch") as (process, folder):
        own = torch.export.load(folder / "model.pt2").module()(torch.tensor(images)).detach().numpy()
        answer = process.predict({"data": {"ndarray": images.tolist()}}).json
        np.testing.assert_allclose(answer["data"]["ndarray"], own, rtol=1e-5, atol=1e-6)
        tensor = {"name": "input", "shape": [9, 1, 8, 8], "datatype": "FP32", "data": images.ravel().tolist()}
        asked = process.request("POST", "/v2/models/digits/infer", {"inputs": [tensor]}).json
        assert asked["outputs"][0]["shape"] == [9, 10]
        np.testing.assert_allclose(asked["outputs"][0]["data"], own.ravel(), rtol=1e-5, atol=1e-6)
        bad = process.predict({"data": {"ndarray": [[1, 2]]}})
        assert bad.status == 400
        assert "takes FP32 of the shape [-1, 1, 8, 8], and the shape [1, 2] came" in bad.json["status"]["info"]
