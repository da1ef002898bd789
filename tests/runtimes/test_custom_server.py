"""A prepackaged server of one's own, by the operator's configuration map on a cluster and by --server here."""

from pathlib import Path
from typing import Any

import yaml

from tests.serving import failing, running

SERVER = '''
from pathlib import Path


class Scaler:
    """Multiplies by the number in model.txt."""

    def __init__(self, model_uri, plus=0.0):
        self.model_uri = model_uri
        self.plus = plus

    def load(self):
        self.factor = float((Path(self.model_uri) / "model.txt").read_text())

    def predict(self, X, names):
        return X * self.factor + self.plus
'''


def written(folder: Path, **graph: Any) -> Path:
    """A manifest of one unit, the model and the server's code beside it."""
    (folder / "scaling.py").write_text(SERVER)
    (folder / "model").mkdir()
    (folder / "model/model.txt").write_text("2.5")
    unit = {"name": "m", "implementation": "SCALER_SERVER", "modelUri": "./model", **graph}
    kind = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment", "metadata": {"name": "d"}}
    path = folder / "d.yaml"
    path.write_text(yaml.safe_dump({**kind, "spec": {"predictors": [{"name": "p", "graph": unit}]}}))
    return path


def test_a_server_of_ones_own(tmp_path: Path) -> None:
    manifest = written(tmp_path, parameters=[{"name": "plus", "type": "FLOAT", "value": "1"}])
    with running(manifest, "--server", "SCALER_SERVER=scaling:Scaler") as process:
        answer = process.predict({"data": {"ndarray": [[1, 2]]}}).json
        assert answer["data"]["ndarray"] == [[3.5, 6.0]]
        (tmp_path / "model/model.txt").write_text("10")
        assert process.predict({"data": {"ndarray": [[1, 2]]}}).json == answer


def test_it_is_read_again_on_reload(tmp_path: Path) -> None:
    manifest = written(tmp_path)
    with running(manifest, "--server", "SCALER_SERVER=scaling:Scaler", "--workers", "1") as process:
        assert process.predict({"data": {"ndarray": [[1]]}}).json["data"]["ndarray"] == [[2.5]]
        (tmp_path / "model/model.txt").write_text("10")
        process.process.send_signal(1)
        process.wait_for("reloaded")
        assert process.predict({"data": {"ndarray": [[1]]}}).json["data"]["ndarray"] == [[10.0]]


def test_one_that_nobody_named(tmp_path: Path) -> None:
    code, errors = failing(written(tmp_path), "--port", "0")
    assert code == 1
    assert "No entry in predictors map for SCALER_SERVER" in errors
    assert "--server SCALER_SERVER=module:Class" in errors


def test_a_class_that_there_is_not(tmp_path: Path) -> None:
    code, errors = failing(written(tmp_path), "--port", "0", "--server", "SCALER_SERVER=scaling:Other")
    assert (code, errors.count("\n")) == (1, 1)
    assert "unit `m`: scaling:Other: the module has no class `Other`; its classes are Scaler" in errors


def test_it_takes_the_place_of_one_of_ours(tmp_path: Path) -> None:
    manifest = written(tmp_path, implementation="XGBOOST_SERVER")
    with running(manifest, "--server", "XGBOOST_SERVER=scaling:Scaler") as process:
        assert process.predict({"data": {"ndarray": [[1]]}}).json["data"]["ndarray"] == [[2.5]]
