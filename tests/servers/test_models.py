"""What a deployment says of itself as models, before and after it is loaded."""

from typing import Any

import pytest

from infergraph.components import Component
from infergraph.declaration import inspect_text
from infergraph.errors import NotFound, NotReady
from infergraph.graph.compile import compile_deployment
from infergraph.graph.shadow import Shadows
from infergraph.servers.app import Application
from infergraph.servers.limits import Limits
from infergraph.servers.models import Models
from infergraph.servers.served import Served
from tests.servers.raw import serving, talk

MANIFEST = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: one}
spec:
  predictors:
    - name: p
      componentSpecs: [{spec: {containers: [{name: model, image: "img:2"}]}}]
      graph: {name: model, type: MODEL}
"""


class Model:
    """A model that says of itself what a test says."""

    def __init__(self, metadata: Any) -> None:
        self._metadata = metadata

    def predict(self, X: Any) -> Any:
        return X

    def init_metadata(self) -> Any:
        if self._metadata is None:
            raise RuntimeError("no idea")
        return self._metadata


def served(metadata: Any = None, *, is_loaded: bool = True) -> Served:
    deployment = inspect_text(MANIFEST, file="one.yaml").manifests[0].deployment
    made = Served(deployment, Limits())
    if is_loaded:
        components = {"p": {"model": Component("model", Model(metadata), image="img:2")}}
        made.start(compile_deployment(deployment, components, shadows=Shadows()), components)
    return made


def test_names_are_the_deployments_and_its_units() -> None:
    assert Models(served({})).names == ("one", "model")


def test_what_is_declared_in_the_form_of_v2_is_said_as_it_is() -> None:
    tensor = {"name": "y", "datatype": "FP32", "shape": [-1, 2]}
    models = Models(served({"versions": ["3"], "platform": "mine", "inputs": [tensor], "outputs": [tensor]}))
    expected = {"name": "model", "versions": ["3"], "platform": "mine", "inputs": [tensor], "outputs": [tensor]}
    assert models.metadata("model", "3") == expected
    assert models.model("model", "1").output == "y"
    with pytest.raises(NotFound, match="it has version 3"):
        models.model("model", "2")


@pytest.mark.parametrize(
    ("declared", "datatype", "shape"),
    [
        ({"messagetype": "ndarray", "schema": {"shape": [4]}}, "FP64", [-1, 4]),
        ({"messagetype": "strData"}, "BYTES", [-1, 1]),
        ({"messagetype": "jsonData", "schema": 5}, "BYTES", [-1, 1]),
        ({"schema": {"shape": "x"}}, "FP64", [-1, 1]),
        ("nonsense", "FP64", [-1, 1]),
    ],
)
def test_what_is_declared_in_the_form_of_seldon(declared: Any, datatype: str, shape: list[int]) -> None:
    (described,) = Models(served({"inputs": [declared]})).metadata("one")["inputs"]
    assert described == {"name": "input", "datatype": datatype, "shape": shape}


@pytest.mark.parametrize("metadata", [{"inputs": "none", "outputs": None, "versions": []}, {"versions": 5}])
def test_what_is_declared_wrong_is_left_out(metadata: Any) -> None:
    models = Models(served(metadata))
    assert (models.metadata("one")["outputs"], models.model("one").version) == ([], "1")


def test_a_unit_that_cannot_say_what_it_is_can_still_be_asked() -> None:
    model = Models(served(None)).model("model")
    assert (model.version, model.output) == ("1", "predict")


def test_before_it_is_loaded() -> None:
    with pytest.raises(NotReady):
        Models(served(is_loaded=False)).model("one")


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/v2/health/live", 200, b'{"live":true}'),
        ("GET", "/v2/health/ready", 503, b'"ready":false'),
        ("GET", "/v2/models/one/ready", 503, b'{"name":"one","ready":false}'),
        ("GET", "/v2/models/one", 503, b'{"error":"The models of one are loading'),
        ("POST", "/v2/models/one/infer", 503, b'{"error":"The models of one are loading'),
        ("POST", "/v1/models/one:predict", 503, b'{"error":"The models of one are loading'),
        ("GET", "/v1/models/one", 200, b'"state":"LOADING"'),
        ("POST", "/v2/repository/index", 200, b'"state":"UNAVAILABLE"'),
    ],
)
def test_answers_before_it_is_loaded(method: str, path: str, status: int, words: bytes) -> None:
    with serving(Application([served(is_loaded=False)])) as running:
        head = f"{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        (answer,) = talk(running, head.encode())
    assert answer.status == status
    assert words in answer.body
