import pytest

from infergraph.kubernetes.objects.accounts import accounts_needed
from tests.declaration.samples import deployment


def needed(unit: str, pods: str = "[]") -> list[str]:
    return accounts_needed(deployment(f"{{predictors: [{{name: p, graph: {unit}, componentSpecs: {pods}}}]}}"))


def test_the_units_account_goes_before_the_pods_and_that_before_the_default_one() -> None:
    unit = "{name: m, implementation: SKLEARN_SERVER, modelUri: 's3://a/b'}"
    named = "{name: m, implementation: SKLEARN_SERVER, modelUri: 's3://a/b', serviceAccountName: reader}"
    pods = (
        "[{spec: {containers: [{name: other, image: x}]}}, {spec: {serviceAccountName: pod, containers: [{name: m}]}}]"
    )
    assert needed(unit) == ["default"]
    assert needed(unit, pods) == ["pod"]
    assert needed(named, pods) == ["reader"]


def test_a_unit_without_a_container_comes_into_the_first_pod() -> None:
    pods = "[{spec: {serviceAccountName: first, containers: [{name: other, image: x}]}}]"
    assert needed("{name: m, implementation: SKLEARN_SERVER, modelUri: 'gs://a/b'}", pods) == ["first"]


@pytest.mark.parametrize("uri", ["pvc://claim/m", "https://example.com/m", "http://a/m", "hf://a/b", "/models/m"])
def test_no_account_is_asked_for_where_no_secret_could_help(uri: str) -> None:
    assert needed(f"{{name: m, implementation: SKLEARN_SERVER, modelUri: '{uri}'}}") == []


def test_nor_where_nothing_is_fetched() -> None:
    own = "[{spec: {containers: [{name: m, image: x}]}}]"
    assert needed("{name: m, modelUri: 's3://a/b'}", own) == []
    assert needed("{name: m, implementation: SIMPLE_MODEL}") == []
