"""Manifests as they are written in the wild, and anything at all: the first are accepted, the second never crash."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infergraph.declaration import defaulted, inspect_manifests, inspect_text, read_manifests
from infergraph.declaration.deployment import DeploymentSpec
from infergraph.declaration.fields import fields_of
from infergraph.declaration.pod import PodSpec, SeldonPodSpec
from infergraph.declaration.predictor import Predictor
from infergraph.declaration.unit import PredictiveUnit

FOLDER = Path(__file__).parent / "manifests"


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.stem)
def test_a_manifest_from_the_wild_is_accepted(path: Path) -> None:
    assert inspect_manifests([path]).problems == ()


def test_all_of_them_together_and_defaulted() -> None:
    manifests = read_manifests([FOLDER])
    assert len(manifests) == 13
    for manifest in manifests:
        once = defaulted(manifest.deployment)
        assert defaulted(once) == once


@given(st.text(), st.sampled_from(["m.yaml", "m.json"]))
def test_any_text_gives_problems_or_deployments(text: str, file: str) -> None:
    reading = inspect_text(text, file=file)
    assert all(str(problem).startswith(file) for problem in reading.problems)


@given(st.text(alphabet="ab:-&*{}[]?!|>'\"<#%@\n\t ,1"))
def test_any_text_of_yamls_own_characters(text: str) -> None:
    reading = inspect_text(text)
    assert reading.manifests or reading.problems


NAMES = [
    name for type_ in (DeploymentSpec, Predictor, PredictiveUnit, SeldonPodSpec, PodSpec) for name in fields_of(type_)
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from(["MODEL", "SKLEARN_SERVER", "ratioA"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=6)
    ),
)
PREDICTORS = st.lists(st.dictionaries(st.sampled_from(list(fields_of(Predictor))), VALUES, max_size=4), max_size=4)


@given(st.one_of(VALUES, st.fixed_dictionaries({"predictors": PREDICTORS})))
def test_any_spec_gives_problems_or_a_deployment(spec: object) -> None:
    data = {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": {"name": "any"},
        "spec": spec,
    }
    reading = inspect_text(json.dumps(data), file="any.json")
    assert reading.manifests or reading.problems
    for manifest in reading.manifests:
        defaulted(manifest.deployment)
