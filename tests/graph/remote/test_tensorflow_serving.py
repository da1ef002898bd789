"""A TENSORFLOW_SERVER that names a running server calls that one, by the name and the protocol that it has there."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.local.manifests import predictor, write
from tests.serving import Process, running

ROWS = {"data": {"ndarray": [[1.5, 2.0]]}}


def proxy(folder: Path, **parameters: str) -> Path:
    """A manifest of one unit that runs elsewhere."""
    listed = [{"name": name, "type": "STRING", "value": value} for name, value in parameters.items()]
    graph = {"name": "tf", "implementation": "TENSORFLOW_SERVER", "parameters": listed}
    kind = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment", "metadata": {"name": "proxy"}}
    path = folder / "proxy.yaml"
    path.write_text(yaml.safe_dump({**kind, "spec": {"predictors": [{"name": "p", "graph": graph}]}}))
    return path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server of TensorFlow Serving's protocol whose model is called `model`, and answers what it is asked."""
    with running(write(tmp_path_factory.mktemp("served"), predictor("p", "Echo"))) as process:
        yield process


@pytest.mark.parametrize("transport", ["rest_endpoint", "grpc_endpoint"])
def test_it_is_called_by_its_name_there(transport: str, served: Process, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{served.port}" if transport == "rest_endpoint" else served.grpc
    with running(proxy(tmp_path, model_name="model", **{transport: address})) as process:
        answer = process.predict(ROWS).json
        assert answer["data"]["ndarray"] == [[1.5, 2.0]]
        assert set(answer["meta"]["requestPath"]) == {"tf"}
        asked = process.request("POST", "/v1/models/tf:predict", {"instances": [[1.5, 2.0]]}).json
        assert asked == {"predictions": [[1.5, 2.0]]}


def test_what_it_refuses_goes_to_the_caller_as_it_says_it(served: Process, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{served.port}"
    with running(proxy(tmp_path, model_name="other", rest_endpoint=address)) as process:
        answer = process.predict(ROWS)
        assert (answer.status, "other" in answer.body.decode()) == (404, True)
