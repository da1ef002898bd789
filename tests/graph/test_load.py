"""From each unit of a manifest to the object that does its work."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from infergraph.components import Component
from infergraph.components.builtin import AverageCombiner, RandomAbTest
from infergraph.declaration import Manifest, defaulted, inspect_text
from infergraph.errors import ArtifactError, LoadError, SetupError
from infergraph.graph.load import Sources, load_deployment
from infergraph.graph.metadata import graph_metadata
from infergraph.payloads import Encoding, Payload

pytestmark = pytest.mark.usefixtures("fresh_process")

CODE = """
class Model:
    def __init__(self, **parameters):
        self.parameters = parameters

    def predict(self, X, names):
        return X

    def init_metadata(self):
        return {"inputs": [self.parameters.get("tag", "in")], "outputs": [self.parameters.get("tag", "out")]}
"""


def manifest(folder: Path, graph: dict[str, Any], **container: Any) -> Manifest:
    """One predictor with this graph and a container for each unit, all of them with these fields."""
    (folder / "load_me.py").write_text(CODE)
    names = [graph["name"], *(child["name"] for child in graph.get("children", []))]
    containers = [{"name": name, "image": "team/img:2.0", **container} for name in names]
    text = yaml.safe_dump(
        {
            "apiVersion": "machinelearning.seldon.io/v1",
            "kind": "SeldonDeployment",
            "metadata": {"name": "test"},
            "spec": {
                "predictors": [{"name": "p", "graph": graph, "componentSpecs": [{"spec": {"containers": containers}}]}]
            },
        }
    )
    reading = inspect_text(text, file=str(folder / "x.yaml"))
    assert reading.problems == ()
    found = reading.manifests[0]
    return Manifest(defaulted(found.deployment), found.path)


def parameter(name: str, value: str, kind: str = "STRING") -> dict[str, str]:
    return {"name": name, "type": kind, "value": value}


CLASS = parameter("python_class", "load_me:Model")


def loaded(found: Manifest, sources: Sources | None = None) -> dict[str, Component]:
    components = load_deployment(found, sources or Sources())["p"]
    return {name: one for name, one in components.items() if isinstance(one, Component)}


def test_typed_parameters_go_to_the_constructor(tmp_path: Path) -> None:
    parameters = [CLASS, parameter("n", "3", "INT"), parameter("f", "0.5", "FLOAT"), parameter("b", "yes", "BOOL")]
    component = loaded(manifest(tmp_path, {"name": "m", "type": "MODEL", "parameters": parameters}))["m"]
    assert component.target.parameters == {"n": 3, "f": 0.5, "b": True}  # type: ignore[attr-defined]
    assert component.image == "team/img:2.0"


def test_a_flag_goes_before_the_manifest(tmp_path: Path) -> None:
    graph = {"name": "m", "type": "MODEL", "parameters": [parameter("python_class", "absent:Gone")]}
    component = loaded(manifest(tmp_path, graph), Sources(classes={"m": "load_me:Model"}))["m"]
    assert component.target.parameters == {}  # type: ignore[attr-defined]


def test_built_in_implementations(tmp_path: Path) -> None:
    models = [{"name": name, "type": "MODEL", "implementation": "SIMPLE_MODEL"} for name in "ab"]
    ab_test = {
        "name": "r",
        "implementation": "RANDOM_ABTEST",
        "parameters": [parameter("ratioA", "1.0", "FLOAT")],
        "children": models,
    }
    graph = {"name": "c", "implementation": "AVERAGE_COMBINER", "children": [ab_test]}
    components = loaded(manifest(tmp_path, graph))
    assert isinstance(components["c"].target, AverageCombiner)
    assert isinstance(components["r"].target, RandomAbTest)
    assert components["r"].target.route(None) == 0


@pytest.mark.parametrize(
    ("graph", "container", "error", "words"),
    [
        ({"type": "MODEL"}, {}, LoadError, "unit `m` (team/img:2.0) runs code that is not here"),
        ({"type": "MODEL"}, {}, LoadError, "--component m=module:Class"),
        ({"implementation": "TEMPO_SERVER", "modelUri": "."}, {}, LoadError, "no server TEMPO_SERVER here"),
        ({"implementation": "SKLEARN_SERVER", "modelUri": "oci://b/m"}, {}, ArtifactError, "--artifact oci://b/m=PATH"),
        ({"implementation": "SKLEARN_SERVER", "modelUri": "absent"}, {}, ArtifactError, "unit `m`: "),
        ({"implementation": "SKLEARN_SERVER", "modelUri": "."}, {}, ArtifactError, "looked for any of model.joblib"),
        (
            {"implementation": "SKLEARN_SERVER", "modelUri": ".", "parameters": [parameter("methud", "predict")]},
            {},
            LoadError,
            "SKLEARN_SERVER has no parameter `methud`; it has accelerate, allow_code, method, sha256, trusted",
        ),
        (
            {"type": "MODEL", "parameters": [CLASS]},
            {"env": [{"name": "GUNICORN_THREADS", "value": "many"}]},
            LoadError,
            "GUNICORN_THREADS is a number from 1 to 1000, got 'many'",
        ),
    ],
)
def test_what_does_not_load(
    graph: dict[str, Any], container: dict[str, Any], error: type[SetupError], words: str, tmp_path: Path
) -> None:
    with pytest.raises(error) as raised:
        loaded(manifest(tmp_path, {"name": "m", **graph}, **container))
    assert words in str(raised.value)


def test_a_flag_for_no_unit_is_a_typing_mistake(tmp_path: Path) -> None:
    found = manifest(tmp_path, {"name": "m", "type": "MODEL", "parameters": [CLASS]})
    with pytest.raises(LoadError, match="there is no such unit; the units are m"):
        loaded(found, Sources(classes={"n": "load_me:Model"}))


@pytest.mark.parametrize(("threads", "count"), [("", 1), ("1", 1), ("8", 8)])
def test_threads_of_the_v1_wrapper(threads: str, count: int, tmp_path: Path) -> None:
    graph = {"name": "m", "type": "MODEL", "parameters": [CLASS]}
    found = manifest(tmp_path, graph, env=[{"name": "GUNICORN_THREADS", "value": threads}])
    assert loaded(found)["m"].threads == count


def tagged(name: str, kind: str, *children: dict[str, Any]) -> dict[str, Any]:
    parameters = [CLASS, parameter("tag", name)]
    return {"name": name, "type": kind, "parameters": parameters, "children": list(children)}


@pytest.mark.parametrize(
    ("kind", "inputs", "outputs"),
    [
        ("MODEL", "r", "a"),
        ("TRANSFORMER", "r", "a"),
        ("OUTPUT_TRANSFORMER", "a", "r"),
        ("COMBINER", "a", "r"),
        ("ROUTER", "a", "a"),
    ],
)
def test_graph_metadata_by_the_type_of_the_root(kind: str, inputs: str, outputs: str, tmp_path: Path) -> None:
    graph = tagged("r", kind, tagged("a", "MODEL"), tagged("b", "MODEL"))
    found = manifest(tmp_path, graph)
    metadata = graph_metadata(found.deployment.spec.predictors[0], loaded(found))
    assert (metadata["name"], set(metadata["models"])) == ("p", {"r", "a", "b"})
    assert (metadata["graphinputs"], metadata["graphoutputs"]) == ([inputs], [outputs])


def test_a_class_in_the_place_of_a_server_gets_tensors_as_they_are(tmp_path: Path) -> None:
    graph = {"name": "m", "implementation": "SKLEARN_SERVER", "modelUri": "./model", "parameters": [CLASS]}
    operation = loaded(manifest(tmp_path, graph))["m"].predict()
    assert operation is not None
    tensors = {"a": np.array([1.0]), "b": np.array([2.0])}
    assert operation.run(Payload(tensors, Encoding.TENSORS)).encoding is Encoding.TENSORS


@pytest.mark.parametrize(("value", "shown"), [(None, 1), ("true", 1), ("false", 0)])
def test_metrics_in_answers_by_the_v1_wrappers_setting(value: str | None, shown: int, tmp_path: Path) -> None:
    env = [] if value is None else [{"name": "INCLUDE_METRICS_IN_CLIENT_RESPONSE", "value": value}]
    found = manifest(tmp_path, {"name": "m", "type": "MODEL", "parameters": [CLASS]}, env=env)
    component = loaded(found)["m"]
    component.target.metrics = lambda: [{"key": "k", "type": "GAUGE", "value": 1}]  # type: ignore[attr-defined]
    operation = component.predict()
    assert operation is not None
    answer = operation.run(Payload(np.ones((1, 1)), Encoding.NDARRAY))
    assert len(answer.meta.metrics or []) == shown
