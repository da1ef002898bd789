import pytest

from infergraph.errors import BadManifest
from infergraph.kubernetes.objects import objects
from tests.declaration.samples import deployment


def test_a_name_that_no_cluster_takes_is_refused() -> None:
    pods = "[{spec: {containers: [{name: my_Model, image: 'x:1'}]}}]"
    declared = deployment(f"{{predictors: [{{name: p, graph: {{name: my_Model}}, componentSpecs: {pods}}}]}}")
    with pytest.raises(BadManifest, match="the Service 'iris-p-my_Model' cannot be called so") as refused:
        objects(declared)
    assert "the Deployment 'iris-p-0-my_Model' cannot be called so" in str(refused.value)


def test_two_objects_of_one_name_are_refused() -> None:
    pods = "[{spec: {containers: [{name: b, image: 'x:1'}]}}]"
    first = f"{{name: a, traffic: 50, graph: {{name: b}}, componentSpecs: {pods}}}"
    second = f"{{name: a-b, traffic: 50, graph: {{name: b}}, componentSpecs: {pods}}}"
    with pytest.raises(BadManifest, match="two objects would be the Service 'iris-a-b'"):
        objects(deployment(f"{{predictors: [{first}, {second}]}}"))


def test_the_explainers_name_is_kept_free() -> None:
    pods = "[{spec: {containers: [{name: explainer, image: 'x:1'}]}}]"
    explainer = "{type: AnchorTabular}"
    one = f"{{name: p, graph: {{name: explainer}}, componentSpecs: {pods}, explainer: {explainer}}}"
    with pytest.raises(BadManifest, match="two objects would be the Service 'iris-p-explainer'"):
        objects(deployment(f"{{predictors: [{one}]}}"))
