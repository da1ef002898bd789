"""What the v2 protocol tells of models: their configuration, and the index."""

from typing import Any

import pytest

from infergraph.components import Component
from infergraph.declaration import inspect_text
from infergraph.errors import NotFound
from infergraph.graph.step import Executable
from infergraph.payloads.protos import ModelConfigResponse
from infergraph.servers.limits import Limits
from infergraph.servers.models import Models
from infergraph.servers.served import Served
from infergraph.servers.statistics import Statistics
from infergraph.servers.v2_models import configuration_of, index_of, statistics_of
from tests.servers.grpc_serving import MANIFEST, nothing, same


class Told:
    """Says of itself what a test wants it to."""

    def __init__(self, inputs: Any, outputs: Any) -> None:
        self.known = {"name": "m", "versions": ["2"], "platform": "p", "inputs": inputs, "outputs": outputs}

    def predict(self, X: Any, names: list[str]) -> Any:
        return X

    def init_metadata(self) -> Any:
        return self.known


def served(inputs: Any = (), outputs: Any = ()) -> Served:
    deployment = inspect_text(MANIFEST % ("one", "default"), file="one.yaml").manifests[0].deployment
    made = Served(deployment, Limits())
    component = Component("model", Told(list(inputs), list(outputs)), image="img:1")
    made.start(Executable(same, nothing), {"default": {"model": component}})
    return made


def tensor(datatype: str, *shape: int) -> dict[str, Any]:
    return {"name": "x", "datatype": datatype, "shape": list(shape)}


@pytest.mark.parametrize(
    ("inputs", "outputs", "size", "dims"),
    [
        ([tensor("FP32", -1, 4)], [tensor("BYTES", -1)], 1024, ([4], [])),
        ([tensor("FP32", -1, 4)], [tensor("BYTES", 3)], 0, ([-1, 4], [3])),
        ([tensor("FP32", 2, 4)], [tensor("BYTES", -1, 3)], 0, ([2, 4], [-1, 3])),
    ],
)
def test_the_batch_is_the_first_dimension_where_every_tensor_has_one(
    inputs: Any, outputs: Any, size: int, dims: tuple[list[int], list[int]]
) -> None:
    config = configuration_of(Models(served(inputs, outputs)), "model", "")
    assert (config["name"], config["platform"], config["max_batch_size"]) == ("model", "p", size)
    assert config["input"] == [{"name": "x", "data_type": "TYPE_FP32", "dims": dims[0]}]
    assert config["output"] == [{"name": "x", "data_type": "TYPE_STRING", "dims": dims[1]}]


def test_what_is_unknown_is_said_to_be_so_in_protobuf_too() -> None:
    config = configuration_of(Models(served([tensor("QUATERNION", 1)])), "one", "2")
    assert config["input"][0]["data_type"] == "TYPE_INVALID"
    assert ModelConfigResponse(config=config).config.input[0].data_type == 0
    nobody = configuration_of(Models(served()), "one", "")
    assert (nobody["input"], nobody["output"], nobody["max_batch_size"]) == ([], [], 0)


def test_other_names_and_versions() -> None:
    models = Models(served())
    for name, version in (("roses", ""), ("one", "7")):
        with pytest.raises(NotFound):
            configuration_of(models, name, version)
        with pytest.raises(NotFound):
            statistics_of(Statistics(), models, name, version)


def test_the_index() -> None:
    one = served()
    deployments = [(one, Models(one))]
    names = [(entry["name"], entry["state"]) for entry in index_of(deployments, is_ready_only=True)]
    assert names == [("one", "READY"), ("model", "READY")]
    one.drain()
    assert index_of(deployments, is_ready_only=True) == []
    assert {entry["state"] for entry in index_of(deployments, is_ready_only=False)} == {"UNAVAILABLE"}
