"""What the objects say that containers run does run, and answers where its probes and its clients ask."""

import signal
from pathlib import Path
from typing import Any

from tests.kubernetes.pod_here import pod_of, running_pod
from tests.serving import Process

ROW = {"data": {"ndarray": [[5.964, 4.006, 2.081, 1.031]]}}


def manifest(model: Path, *, protocol: str = "seldon") -> str:
    return f"""
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {{name: iris, namespace: models}}
spec:
  protocol: {protocol}
  predictors:
  - name: default
    graph: {{name: classifier, implementation: SKLEARN_SERVER, modelUri: "file://{model}"}}
    componentSpecs:
    - spec: {{containers: [{{name: classifier, env: [{{name: FROM_THE_MANIFEST, value: "yes"}}]}}]}}
"""


def check_probes(process: Process, container: dict[str, Any]) -> None:
    for name in ("livenessProbe", "readinessProbe"):
        asked = container[name]["httpGet"]
        assert process.request("GET", asked["path"], port=_number(container, asked["port"])).status == 200


def _number(container: dict[str, Any], port: str | int) -> int:
    (number,) = [one["containerPort"] for one in container["ports"] if port in (one["name"], one["containerPort"])]
    return int(number)


def test_a_fused_pod_serves(iris_model: Path, tmp_path: Path) -> None:
    pod = pod_of(manifest(iris_model))
    (container,) = pod["containers"]
    with running_pod(pod, tmp_path) as processes:
        engine = processes["seldon-container-engine"]
        assert engine.port == container["ports"][0]["containerPort"]
        answer = engine.predict(ROW).json
        assert answer["data"]["ndarray"][0][0] > 0.9
        v2 = {"inputs": [{"name": "x", "datatype": "FP64", "shape": [1, 4], "data": ROW["data"]["ndarray"][0]}]}
        assert engine.request("POST", "/v2/models/classifier/infer", v2).status == 200
        assert engine.request("GET", "/prometheus").status == 200
        check_probes(engine, container)
        assert engine.stop(signal.SIGTERM) == 0


def test_a_unit_of_its_own_is_called_by_its_engine(iris_model: Path, tmp_path: Path) -> None:
    pod = pod_of(manifest(iris_model), fuse=False)
    with running_pod(pod, tmp_path) as processes:
        unit, engine = processes["classifier"], processes["seldon-container-engine"]
        assert unit.port == pod["containers"][0]["ports"][1]["containerPort"]
        answer = engine.predict(ROW).json
        assert answer["data"]["ndarray"][0][0] > 0.9
        assert unit.request("POST", "/predict", ROW).json["data"]["ndarray"] == answer["data"]["ndarray"]
        assert engine.stop(signal.SIGTERM) == 0


def test_a_unit_that_speaks_another_protocol_serves(iris_model: Path, tmp_path: Path) -> None:
    pod = pod_of(manifest(iris_model, protocol="v2"), fuse=False)
    unit = pod["containers"][0]
    with running_pod({**pod, "containers": [unit]}, tmp_path) as processes:
        v2 = {"inputs": [{"name": "x", "datatype": "FP64", "shape": [1, 4], "data": ROW["data"]["ndarray"][0]}]}
        assert processes["classifier"].request("POST", "/v2/models/classifier/infer", v2).status == 200
        check_probes(processes["classifier"], unit)


def test_a_fused_graph_of_several_units_serves(iris_model: Path, tmp_path: Path) -> None:
    children = ", ".join(
        f'{{name: {name}, implementation: SKLEARN_SERVER, modelUri: "file://{iris_model}"}}'
        for name in ("left", "right")
    )
    graph = f"""
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {{name: iris}}
spec:
  predictors:
  - name: default
    graph:
      name: test
      implementation: RANDOM_ABTEST
      parameters: [{{name: ratioA, value: "0.0", type: FLOAT}}]
      children: [{children}]
"""
    pod = pod_of(graph)
    assert len(pod["initContainers"]) == 2
    with running_pod(pod, tmp_path) as processes:
        answer = processes["seldon-container-engine"].predict(ROW).json
        assert answer["meta"]["routing"]["test"] == 1
        assert list(answer["meta"]["requestPath"]) == ["right"]
