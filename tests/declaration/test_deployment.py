import msgspec
import pytest

from infergraph.declaration import SeldonDeployment
from tests.declaration.samples import MODEL, deployment

TREE = """
predictors:
- name: p
  componentSpecs:
  - spec: {containers: [{name: a, image: one}, {name: b}]}
  - {}
  - spec: {containers: [{name: a, image: two}]}
  graph:
    name: a
    methods: [ROUTE]
    children:
    - {name: b, children: [{name: m, implementation: SIMPLE_MODEL}]}
    - {name: n, implementation: SIMPLE_MODEL}
"""


def test_units_come_parents_first() -> None:
    assert [unit.name for unit in deployment(TREE).spec.predictors[0].units()] == ["a", "b", "m", "n"]


def test_a_container_is_found_by_its_units_name() -> None:
    predictor = deployment(TREE).spec.predictors[0]
    found = predictor.container("a")
    assert found is not None
    assert (found.image, found.env) == ("one", ())
    assert predictor.container("m") is None
    assert list(predictor.containers_by_name()) == ["a", "b"]
    assert predictor.containers_by_name()["a"] is found


def test_annotations_of_the_spec_come_before_those_of_the_object() -> None:
    found = msgspec.convert(
        {"metadata": {"annotations": {"a": "1", "b": "1"}}, "spec": {"annotations": {"a": "2"}, "predictors": []}},
        SeldonDeployment,
    )
    assert [found.annotation(key) for key in "abc"] == ["2", "1", None]
    assert found.annotation("c", "3") == "3"


def test_the_namespace_is_default() -> None:
    assert deployment(f"{{predictors: [{{name: p, graph: {MODEL}}}]}}").namespace == "default"


def test_a_deployment_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        deployment(TREE).spec.protocol = "v2"  # type: ignore[misc]


def test_a_deployment_written_and_read_again_is_the_same() -> None:
    found = deployment(TREE)
    assert msgspec.json.decode(msgspec.json.encode(found), type=SeldonDeployment) == found
