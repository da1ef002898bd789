"""Our engine over MLServer, which the v1 operator starts for the v2 protocol: a chain over REST and over gRPC."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.corpus.wrappers import Wrapper, wait_for
from tests.conformance.environments import Environment
from tests.ports import free_ports
from tests.serving import Process, running

MLSERVER = Environment("mlserver", ("mlserver==1.7.1",), newest=(3, 12))
MODELS = """
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.errors import InferenceError
from mlserver.types import InferenceResponse


class Scale(MLModel):
    async def predict(self, payload):
        (given,) = payload.inputs
        output = NumpyCodec.encode_output("scaled", NumpyCodec.decode_input(given) * 2)
        return InferenceResponse(model_name=self.name, outputs=[output], parameters={"asked": given.name})


class Mean(MLModel):
    async def predict(self, payload):
        (given,) = payload.inputs
        if given.name != "rows":
            raise InferenceError(f"no input called {given.name}")
        array = NumpyCodec.decode_input(given)
        if array.dtype != "float32":
            raise InferenceError(f"no place for {array.dtype}")
        output = NumpyCodec.encode_output("mean", array.mean(axis=1, keepdims=True))
        return InferenceResponse(model_name=self.name, outputs=[output])


class Both(MLModel):
    async def predict(self, payload):
        outputs = [NumpyCodec.encode_output(f"{one.name}!", NumpyCodec.decode_input(one)) for one in payload.inputs]
        return InferenceResponse(model_name=self.name, outputs=outputs)
"""
INPUTS = {"mean": [{"name": "rows", "datatype": "FP32", "shape": [-1, 2]}]}
CHAIN = {"name": "scale", "type": "MODEL", "children": [{"name": "mean", "type": "MODEL"}]}
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def mlserver(made: Callable[[Environment], Environment], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wrapper]:
    environment = made(MLSERVER)
    folder = tmp_path_factory.mktemp("mlserver")
    http_port, grpc_port, metrics_port = free_ports(3)
    settings = {"debug": False, "host": "127.0.0.1", "parallel_workers": 0}
    ports = {"http_port": http_port, "grpc_port": grpc_port, "metrics_port": metrics_port}
    (folder / "settings.json").write_text(json.dumps(settings | ports))
    (folder / "my_models.py").write_text(MODELS)
    for name in ("scale", "mean", "both"):
        (folder / name).mkdir()
        model = {"name": name, "implementation": f"my_models.{name.title()}", "inputs": INPUTS.get(name, [])}
        (folder / name / "model-settings.json").write_text(json.dumps(model))
    process = subprocess.Popen(
        [environment.folder / "bin/mlserver", "start", "."],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for port in (http_port, grpc_port):
            wait_for(port, process)
        yield Wrapper(http_port, f"127.0.0.1:{grpc_port}")
    finally:
        process.kill()
        process.wait()


@pytest.fixture(params=["rest", "grpc"])
def chain(request: pytest.FixtureRequest, mlserver: Wrapper, tmp_path: Path) -> Iterator[Process]:
    with engine(mlserver, tmp_path, CHAIN, request.param) as process:
        yield process


def engine(mlserver: Wrapper, folder: Path, graph: Any, transport: str) -> Any:
    address = f"grpc://{mlserver.grpc}" if transport == "grpc" else f"127.0.0.1:{mlserver.port}"
    units = [graph["name"], *(child["name"] for child in graph.get("children", ()))]
    containers = [{"name": unit, "image": f"seldonio/mlserver:{unit}"} for unit in units]
    one = {"name": "p", "graph": graph, "componentSpecs": [{"spec": {"containers": containers}}]}
    kind = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment", "metadata": {"name": "d"}}
    path = folder / "d.json"
    path.write_text(json.dumps({**kind, "spec": {"protocol": "v2", "predictors": [one]}}))
    return running(path, *(flag for unit in units for flag in ("--endpoint", f"{unit}={address}")))


def tensor(name: str, datatype: str, *data: Any) -> Any:
    return {"name": name, "shape": [1, len(data)], "datatype": datatype, "data": list(data)}


def test_outputs_become_inputs_under_the_names_of_the_next(chain: Process) -> None:
    answer = chain.request("POST", "/v2/models/infer", {"id": "i", "inputs": [tensor("mine", "FP32", 1.5, 2.5)]}).json
    (output,) = answer["outputs"]
    assert (output["name"], output["datatype"], output["data"]) == ("mean", "FP32", [4.0])
    assert (answer["id"], answer["parameters"]["asked"]) == ("i", "mine")


def test_a_caller_of_another_protocol_is_answered_in_it(chain: Process) -> None:
    answer = chain.predict({"data": {"ndarray": [[1.5, 2.5]]}})  # of which `mean` takes only 32-bit floats
    assert (answer.status, answer.json["data"]["ndarray"]) == (200, [[4.0]])
    assert chain.request("POST", "/v1/models/scale:predict", {"instances": [[1.5, 2.5]]}).json == {
        "predictions": [[4.0]]
    }


def test_what_it_refuses_is_told_and_the_next_is_good(chain: Process) -> None:
    answer = chain.request("POST", "/v2/models/infer", {"inputs": [tensor("mine", "INT64", 1, 2)]})
    assert answer.status >= 400
    assert "no place for int64" in answer.json["error"]
    good = chain.request("POST", "/v2/models/infer", {"inputs": [tensor("mine", "FP32", 1, 2)]})
    assert good.json["outputs"][0]["data"] == [3.0]


def test_it_is_asked_how_it_is_and_what_it_is(chain: Process) -> None:
    assert chain.request("GET", "/ready").status == 200
    assert chain.request("GET", "/api/v1.0/status/mean").status == 200
    models = chain.request("GET", "/api/v1.0/metadata").json["models"]
    assert [one["name"] for one in models["mean"]["inputs"]] == ["rows"]


@pytest.mark.parametrize("transport", ["rest", "grpc"])
def test_several_tensors_keep_their_names(mlserver: Wrapper, tmp_path: Path, transport: str) -> None:
    with engine(mlserver, tmp_path, {"name": "both", "type": "MODEL"}, transport) as process:
        inputs = [tensor("b", "INT32", 1, 2), tensor("a", "FP64", 0.5)]
        outputs = process.request("POST", "/v2/models/both/infer", {"inputs": inputs}).json["outputs"]
        found = [(one["name"], one["datatype"], one["data"]) for one in outputs]
        assert found == [("b!", "INT32", [1, 2]), ("a!", "FP64", [0.5])]
        seldon = process.predict({"data": {"ndarray": [[1.0, 2.0]]}}).json
        assert seldon["data"]["ndarray"] == [[1.0, 2.0]]
        assert seldon["meta"]["requestPath"] == {"both": "seldonio/mlserver:both"}
