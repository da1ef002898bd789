"""Units in other processes that speak the v2 or the tensorflow protocol: they answer as those that run here."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from infergraph.client import Client, ServerFailed
from tests.serving import Process, failing, running

COMPONENTS = """
import numpy as np


class Scale:
    def predict(self, X, names):
        return X * 2

    def tags(self):
        return {"scaled": True}


class Mean:
    def init_metadata(self):
        return {"inputs": [{"name": "rows", "datatype": "FP64", "shape": [-1, 2]}]}

    def predict(self, X, names):
        if X.shape[1] > 2:
            raise ValueError("at most two columns")
        return X.mean(axis=1, keepdims=True)


class Named:
    def predict(self, X, names):
        return {"low": X.min(axis=1), "high": X.max(axis=1)}


class Lengths:
    def predict(self, X, names):
        return np.array([[len(value) for value in row] for row in X])
"""
SCALE = {"name": "scale", "type": "MODEL"}
MEAN = {"name": "mean", "type": "MODEL"}
CHAIN = {**SCALE, "children": [MEAN]}
CLASSES = {"scale": "Scale", "mean": "Mean", "named": "Named", "lengths": "Lengths"}
WAYS = [(protocol, transport) for protocol in ("v2", "tensorflow") for transport in ("rest", "grpc")]
ASKED: list[tuple[str, Any]] = [
    ("/api/v1.0/predictions", {"data": {"ndarray": [[1.0, 3.0], [5.0, 7.0]]}, "meta": {"tags": {"mine": "x"}}}),
    ("/api/v1.0/predictions", {"data": {"tensor": {"shape": [1, 2], "values": [1.5, 2.5]}}}),
    ("/v2/models/scale/infer", {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}]}),
    ("/v2/models/scale/infer", {"inputs": [{"name": "x", "shape": [1, 1], "datatype": "INT64", "data": [4]}]}),
    ("/v1/models/scale:predict", {"instances": [[1.5, 2.5]]}),
    ("/v1/models/scale:predict", {"inputs": [[1.5, 2.5], [2.5, 3.5]]}),
]


def manifest(folder: Path, graph: Any, protocol: str = "seldon", name: str = "g") -> Path:
    (folder / "my.py").write_text(COMPONENTS)
    containers = [{"name": unit, "image": f"shop/{unit}:1"} for unit in CLASSES]
    one = {"name": "p", "graph": graph, "componentSpecs": [{"spec": {"containers": containers}}]}
    kind = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment"}
    found = {**kind, "metadata": {"name": name}, "spec": {"protocol": protocol, "predictors": [one]}}
    path = folder / f"{name}-{protocol}.yaml"
    path.write_text(yaml.safe_dump(found))
    return path


def here(*units: str) -> list[str]:
    return [flag for unit in units for flag in ("--component", f"{unit}=my:{CLASSES[unit]}")]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Process]]:
    """Each unit as a model of its own, which answers in every protocol."""
    folder = tmp_path_factory.mktemp("models")
    with ExitStack() as stack:
        yield {
            unit: stack.enter_context(
                running(manifest(folder, {"name": unit, "type": "MODEL"}, name=f"only-{unit}"), *here(unit))
            )
            for unit in CLASSES
        }


def there(models: dict[str, Process], transport: str, *units: str) -> list[str]:
    """The flags that say where units are."""
    addresses = {
        unit: f"grpc://{models[unit].grpc}" if transport == "grpc" else f"127.0.0.1:{models[unit].port}"
        for unit in units
    }
    return [flag for unit, address in addresses.items() for flag in ("--endpoint", f"{unit}={address}")]


def said(process: Process) -> list[Any]:
    answers = []
    for path, message in ASKED:
        answer = process.request("POST", path, message)
        body = answer.json
        body.get("meta", {}).pop("requestPath", None)
        if "data" in body:
            body["data"].pop("names", None)  # these protocols have no names of columns
        answers.append((answer.status, body))
    return answers


@pytest.mark.timeout(120)
def test_a_chain_answers_alike_whatever_its_units_speak(tmp_path: Path, models: dict[str, Process]) -> None:
    with running(manifest(tmp_path, CHAIN), *here("scale", "mean")) as process:
        fused = said(process)
    assert [status for status, _ in fused] == [200] * len(ASKED)
    assert fused[0][1]["data"] == {"ndarray": [[4.0], [12.0]]}
    for protocol, transport in WAYS:
        with running(manifest(tmp_path, CHAIN, protocol), *there(models, transport, "scale", "mean")) as process:
            found = said(process)
            assert process.request("GET", "/ready").status == 200
        assert found == (without_tags(fused) if protocol == "tensorflow" else fused), (protocol, transport)


def without_tags(answers: list[Any]) -> list[Any]:
    """What is left of them where a protocol has no place for what a component says beside its arrays."""
    for _, body in answers:
        body.pop("parameters", None)
        if "meta" in body:
            tags = {name: value for name, value in body["meta"].get("tags", {}).items() if name != "scaled"}
            body["meta"] = {"tags": tags} if tags else {}
    return answers


def test_feedback_ends_here_as_upstream(tmp_path: Path, models: dict[str, Process]) -> None:
    feedback = {"request": {"data": {"ndarray": [[1.0, 2.0]]}}, "response": {}, "reward": 0.5}
    with running(manifest(tmp_path, MEAN, "v2"), *there(models, "rest", "mean")) as process:
        answer = process.request("POST", "/api/v1.0/feedback", feedback)
        assert (answer.status, answer.json) == (200, feedback)


@pytest.mark.parametrize(("protocol", "transport"), WAYS)
def test_texts_and_types_go_through(tmp_path: Path, models: dict[str, Process], protocol: str, transport: str) -> None:
    path = manifest(tmp_path, {"name": "lengths", "type": "MODEL"}, protocol)
    with running(path, *there(models, transport, "lengths")) as process:
        assert process.predict({"data": {"ndarray": [["a", "bcd"]]}}).json["data"]["ndarray"] == [[1, 3]]
        asked = {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "BYTES", "data": ["a", "bcd"]}]}
        (output,) = process.request("POST", "/v2/models/lengths/infer", asked).json["outputs"]
        assert (output["name"], output["datatype"], output["data"]) == ("predict", "INT64", [1, 3])


@pytest.mark.parametrize(("protocol", "transport"), WAYS)
def test_several_outputs_keep_their_names(
    tmp_path: Path, models: dict[str, Process], protocol: str, transport: str
) -> None:
    path = manifest(tmp_path, {"name": "named", "type": "MODEL"}, protocol)
    with running(path, *there(models, transport, "named")) as process:
        asked = {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 3]}]}
        outputs = process.request("POST", "/v2/models/named/infer", asked).json["outputs"]
        assert {one["name"]: one["data"] for one in outputs} == {"low": [1.0], "high": [3.0]}
        has_types = (protocol, transport) != ("tensorflow", "rest")
        assert {one["datatype"] for one in outputs} == {"FP32" if has_types else "FP64"}


@pytest.mark.parametrize("transport", ["rest", "grpc"])
@pytest.mark.parametrize("protocol", ["v2", "kfserving", "tensorflow"])
def test_a_unit_is_asked_how_it_is_and_what_it_is(
    tmp_path: Path, models: dict[str, Process], protocol: str, transport: str
) -> None:
    with running(manifest(tmp_path, MEAN, protocol), *there(models, transport, "mean")) as process:
        status = process.request("GET", "/api/v1.0/status/mean")
        assert (status.status, set(status.json)) == (200, {"jsonData", "meta"})
        (described,) = process.request("GET", "/api/v1.0/metadata").json["models"]["mean"]["inputs"]
        assert (described["name"], described["datatype"]) == ("rows", "FP64")


@pytest.mark.parametrize(("kind", "asked"), [("ROUTER", "route"), ("COMBINER", "aggregate")])
def test_who_speaks_of_models_only_is_no_router(tmp_path: Path, kind: str, asked: str) -> None:
    graph = {"name": "named", "type": kind, "children": [MEAN]}
    flags = ("--endpoint", "named=127.0.0.1:1", *here("mean"))
    code, errors = failing(manifest(tmp_path, graph, "v2"), *flags)
    assert (code, f"whose protocol has no call for {asked}" in errors) == (1, True), errors


@pytest.mark.parametrize(("protocol", "transport"), WAYS)
def test_what_a_component_refuses_is_said_in_the_callers_protocol(
    tmp_path: Path, models: dict[str, Process], protocol: str, transport: str
) -> None:
    with running(manifest(tmp_path, MEAN, protocol), *there(models, transport, "mean")) as process:
        asked: Any = {"inputs": [{"name": "x", "shape": [1, 3], "datatype": "FP32", "data": [1, 2, 3]}]}
        answer = process.request("POST", "/v2/models/mean/infer", asked)
        assert (answer.status, answer.json) == (500, {"error": "at most two columns"})
        assert "at most two columns" in process.predict({"data": {"ndarray": [[1, 2, 3]]}}).body.decode()
        client = Client(f"grpc://{process.grpc}")
        with pytest.raises(ServerFailed, match="at most two columns"):
            client.predict(np.array([[1.0, 2.0, 3.0]]))
        client.close()
        asked["inputs"][0] |= {"shape": [1, 2], "data": [1, 2]}
        assert process.request("POST", "/v2/models/mean/infer", asked).json["outputs"][0]["data"] == [1.5]
