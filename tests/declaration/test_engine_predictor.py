"""The predictor of an engine: from the operator's variable, or from a file."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from infergraph.declaration import UnitType
from infergraph.declaration.engine_predictor import EngineIdentity, predictor_of_file, predictor_of_variable
from infergraph.errors import BadManifest

WHO = EngineIdentity(
    deployment="iris", namespace="shop", predictor="main", protocol="v2", annotations={"seldon.io/rest-timeout": "100"}
)
# As Go's JSON writes a predictor that the v1 operator has filled in.
DEFAULTED: dict[str, Any] = {
    "name": "main",
    "graph": {
        "name": "model",
        "type": "MODEL",
        "implementation": "UNKNOWN_IMPLEMENTATION",
        "endpoint": {"service_host": "localhost", "service_port": 9000, "httpPort": 9000, "grpcPort": 9500},
    },
    "componentSpecs": [
        {
            "metadata": {"creationTimestamp": None},
            "spec": {
                "containers": [
                    {
                        "name": "model",
                        "image": "img:1.0",
                        "ports": [{"name": "metrics", "containerPort": 6000, "protocol": "TCP"}],
                        "resources": {},
                        "volumeMounts": [{"name": "seldon-podinfo", "mountPath": "/etc/podinfo"}],
                        "terminationMessagePath": "/dev/termination-log",
                        "terminationMessagePolicy": "File",
                        "imagePullPolicy": "IfNotPresent",
                    }
                ]
            },
        }
    ],
    "engineResources": {},
    "labels": {"version": "main"},
    "svcOrchSpec": {},
    "traffic": 0,
    "replicas": 0,
}


def encoded(predictor: Any) -> str:
    return base64.b64encode(json.dumps(predictor).encode()).decode()


def test_the_operators_predictor_is_taken_as_it_is() -> None:
    deployment = predictor_of_variable(encoded(DEFAULTED), WHO).deployment
    (predictor,) = deployment.spec.predictors
    assert (deployment.name, deployment.namespace, deployment.spec.protocol) == ("iris", "shop", "v2")
    assert predictor.graph.type is UnitType.MODEL
    assert predictor.graph.endpoint is not None
    assert (predictor.graph.endpoint.service_host, predictor.graph.endpoint.http_port) == ("localhost", 9000)
    container = predictor.container("model")
    assert container is not None
    assert container.image == "img:1.0"


def test_the_annotations_of_the_pod_are_those_of_the_deployment() -> None:
    deployment = predictor_of_variable(encoded(DEFAULTED), WHO).deployment
    assert deployment.annotation("seldon.io/rest-timeout") == "100"


def test_an_engine_answers_for_a_shadow_as_for_any_predictor() -> None:
    (predictor,) = predictor_of_variable(encoded({**DEFAULTED, "shadow": True}), WHO).deployment.spec.predictors
    assert not predictor.shadow


def test_lines_in_the_base64_do_not_matter() -> None:
    text = base64.encodebytes(json.dumps(DEFAULTED).encode()).decode()
    assert predictor_of_variable(text, WHO).deployment.name == "iris"


def test_a_field_of_a_later_operator_is_left_out() -> None:
    found = predictor_of_variable(encoded({**DEFAULTED, "sidecars": [1]}), WHO)
    assert found.deployment.spec.predictors[0].name == "main"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "enviroment variable ENGINE_PREDICTOR not set"),
        ("***", "ENGINE_PREDICTOR is no base64"),
        (base64.b64encode(b"{").decode(), "is base64 of what is no JSON"),
        (base64.b64encode(b"\xff\xfe").decode(), "is base64 of what is no JSON"),
        (encoded(7), "spec.predictors[0]: expected a mapping, got"),
        (encoded({"name": "main"}), 'the required field "graph" is missing'),
        (encoded({"name": "main", "graph": {"name": "m", "type": "MODLE"}}), "did you mean MODEL?"),
        (encoded({"name": "main", "graph": {"name": "m", "children": 1}}), "graph.children: expected a list"),
    ],
)
def test_what_is_no_predictor_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(BadManifest) as refused:
        predictor_of_variable(text, WHO)
    assert told in str(refused.value)


def write(folder: Path, name: str = "iris.yaml", **spec: Any) -> Path:
    manifest = {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": {"name": "other", "annotations": {"seldon.io/rest-timeout": "7", "kept": "a=b"}},
        "spec": {"predictors": [{"name": "first", "graph": {"name": "a"}}, DEFAULTED], **spec},
    }
    path = folder / name
    path.write_text(yaml.safe_dump(manifest))
    return path


def test_a_file_has_the_predictor_of_the_name(tmp_path: Path) -> None:
    found = predictor_of_file(write(tmp_path), WHO)
    deployment = found.deployment
    assert [predictor.name for predictor in deployment.spec.predictors] == ["main"]
    assert found.path == tmp_path / "iris.yaml"
    assert (deployment.name, deployment.annotation("kept")) == ("iris", "a=b")
    assert deployment.annotation("seldon.io/rest-timeout") == "100"  # the pod's own goes before


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("iris.txt", "", "Unsupported file type .txt"),
        ("missing.yaml", None, "there is no such file"),
        ("iris.yaml", "kind: [", "iris.yaml"),
        ("iris.yaml", "", "expected a SeldonDeployment, found none"),
        ("iris.yaml", "kind: Pod\napiVersion: v1", "expected a SeldonDeployment, found none"),
    ],
)
def test_a_file_that_will_not_do_is_refused_in_words(tmp_path: Path, name: str, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(BadManifest) as refused:
        predictor_of_file(tmp_path / name, WHO)
    assert told in str(refused.value)


def test_a_predictor_that_a_file_has_not_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, predictors=[{"name": "first", "graph": {"name": "a"}}])
    with pytest.raises(BadManifest, match="Predictor not found main; the predictors of other are first"):
        predictor_of_file(path, WHO)


def test_a_typing_mistake_in_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match='unknown field "protocl"'):
        predictor_of_file(write(tmp_path, protocl="v2"), WHO)
