import pytest

from infergraph.declaration import HpaSpec, PodSpec, PredictiveUnit, Predictor, UnitType
from infergraph.declaration.fields import fields_of, meant, nearest, required_of
from infergraph.declaration.problem import At

PREDICTOR: At = ("spec", "predictors", 1)
POD: At = (*PREDICTOR, "componentSpecs", 0, "spec")
DEEP: At = (*PREDICTOR, "graph", "children", 1, "children", 0)


@pytest.mark.parametrize(
    ("type_", "name", "at", "expected"),
    [
        (PredictiveUnit, "model_uri", DEEP, 'did you mean "modelUri"?'),
        (PredictiveUnit, "modelURI", DEEP, 'did you mean "modelUri"?'),
        (Predictor, "implementation", PREDICTOR, '"implementation" belongs in graph'),
        (Predictor, "containers", PREDICTOR, '"containers" belongs in componentSpecs[].spec'),
        (Predictor, "metricsv2", PREDICTOR, '"metricsv2" belongs in componentSpecs[].hpaSpec'),
        (PodSpec, "image", POD, '"image" belongs in containers[]'),
        (PodSpec, "hpaSpec", POD, '"hpaSpec" belongs in spec.predictors[].componentSpecs[]'),
        (PredictiveUnit, "traffic", DEEP, '"traffic" belongs in spec.predictors[]'),
        (PredictiveUnit, "qqq", DEEP, ""),
        (
            HpaSpec,
            "minReplicaCount",
            (*PREDICTOR, "componentSpecs", 0, "hpaSpec"),
            '"minReplicaCount" belongs in spec.predictors[].componentSpecs[].kedaSpec',
        ),
    ],
)
def test_what_an_unknown_field_was_meant_to_be(type_: type, name: str, at: At, expected: str) -> None:
    assert meant(type_, name, at) == expected


def test_fields_go_by_the_names_of_the_manifest() -> None:
    assert {"hostIPC", "hostPID", "setHostnameAsFQDN", "initContainers"} <= fields_of(PodSpec).keys()
    assert required_of(Predictor) == {"name", "graph"}


@pytest.mark.parametrize(("word", "expected"), [("model", "MODEL"), ("ROUTR", "ROUTER"), ("banana", "")])
def test_the_nearest_word_whatever_its_case(word: str, expected: str) -> None:
    assert nearest(word, [member.value for member in UnitType]) == expected
