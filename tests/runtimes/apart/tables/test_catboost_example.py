import catboost
import numpy as np
from sklearn.datasets import load_wine

from tests.runtimes.examples import served_example


def test_the_wines_get_catboosts_own_numbers() -> None:
    table = load_wine(as_frame=True).data
    strength = table.pop("alcohol").map(lambda v: "light" if v < 12.5 else "medium" if v < 13.5 else "strong")
    table = table.assign(strength=strength)[::20]
    with served_example("catboost") as (process, folder):
        model = catboost.CatBoostClassifier().load_model(folder / "model.cbm")
        answer = process.predict({"data": {"names": list(table), "ndarray": table.to_numpy(dtype=object).tolist()}})
        np.testing.assert_allclose(answer.json["data"]["ndarray"], model.predict_proba(table), rtol=1e-12)
        assert answer.json["data"]["names"] == ["t:0", "t:1", "t:2"]
