from typing import Any

import pytest
from msgspec import Struct

from infergraph.declaration import Container, DeploymentSpec, HpaSpec, ObjectMeta, PdbSpec, PredictiveUnit, Predictor
from infergraph.kubernetes.crd.schema import MOST_LEVELS, schema_of

ANYTHING = {"x-kubernetes-preserve-unknown-fields": True}


def test_what_is_required() -> None:
    """SELDON_V1 §1.1."""
    assert schema_of(DeploymentSpec)["required"] == ["predictors"]
    assert schema_of(Predictor)["required"] == ["name", "graph"]
    assert schema_of(PredictiveUnit)["required"] == ["name"]
    assert schema_of(HpaSpec)["required"] == ["maxReplicas"]


def test_types_of_fields() -> None:
    fields = schema_of(DeploymentSpec)["properties"]
    assert fields["protocol"] == {"type": "string"}
    assert fields["oauth_key"] == {"type": "string"}
    assert fields["replicas"] == {"type": "integer", "format": "int32", "nullable": True}
    assert fields["annotations"] == {"type": "object", "additionalProperties": {"type": "string"}}
    assert fields["predictors"]["type"] == "array"
    assert schema_of(Predictor)["properties"]["shadow"] == {"type": "boolean"}
    assert schema_of(PdbSpec)["properties"]["minAvailable"] == {"x-kubernetes-int-or-string": True, "nullable": True}


def test_what_passes_through_may_be_anything() -> None:
    fields = schema_of(Container)["properties"]
    assert fields["livenessProbe"] == ANYTHING
    assert fields["resources"]["properties"]["requests"]["additionalProperties"] == ANYTHING  # 1, "1" and 0.5


def test_words_are_texts() -> None:
    """What they may be the rules say, with the word that was probably meant."""
    assert schema_of(PredictiveUnit)["properties"]["type"] == {"type": "string", "nullable": True}


def test_null_is_taken_where_there_may_be_nothing() -> None:
    assert schema_of(ObjectMeta)["properties"]["creationTimestamp"] == {"type": "string", "nullable": True}


def test_children_stand_ten_levels_deep() -> None:
    unit, levels = schema_of(PredictiveUnit), 0
    while "properties" in unit:
        assert unit["properties"]["modelUri"] == {"type": "string"}
        children = unit["properties"]["children"]
        unit, levels = children["items"], levels + 1
    assert levels == MOST_LEVELS + 1  # and the root
    assert children == {"type": "array", "maxItems": 0, "items": ANYTHING}


def test_below_another_type_there_are_as_many() -> None:
    alone = schema_of(PredictiveUnit)["properties"]["children"]
    assert schema_of(Predictor)["properties"]["graph"]["properties"]["children"] == alone


def nodes(schema: dict[str, Any]) -> list[dict[str, Any]]:
    below = [*schema.get("properties", {}).values()]
    below += [schema[key] for key in ("items", "additionalProperties") if key in schema]
    return [schema, *(node for each in below for node in nodes(each))]


def test_it_is_structural() -> None:
    """Each node has a type, or is one of the two that may have none."""
    for node in nodes(schema_of(DeploymentSpec)):
        assert "type" in node or ANYTHING.items() <= node.items() or "x-kubernetes-int-or-string" in node


def test_nothing_is_pruned_without_a_word() -> None:
    for node in nodes(schema_of(DeploymentSpec)):
        if "properties" in node:
            assert node["x-kubernetes-preserve-unknown-fields"] is True


def test_a_type_that_nobody_thought_of_is_an_error() -> None:
    class Odd(Struct):
        one: bytes

    with pytest.raises(TypeError, match="no schema"):
        schema_of(Odd)
