"""What one machine does not do is said, not forgotten."""

import pytest

from infergraph.declaration import inspect_text
from infergraph.local.left_out import left_out

MANIFEST = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {{name: x}}
spec:
  {spec}
  predictors:
    - name: p
      {predictor}
      graph: {{name: m, implementation: SKLEARN_SERVER, modelUri: ./m, {unit}}}
"""


@pytest.mark.parametrize(
    ("spec", "predictor", "unit", "sentence"),
    [
        ("", "explainer: {type: AnchorTabular}", "", "the explainer of predictor p does not run here"),
        ("", "ssl: {certSecretName: s}", "", "predictor p asks for TLS"),
        ("", "", "logger: {mode: all, url: 'http://sink'}", "the payloads of unit m are not logged to http://sink"),
    ],
)
def test_each_wish_has_its_sentence(spec: str, predictor: str, unit: str, sentence: str) -> None:
    text = MANIFEST.format(spec=spec or "replicas: 1", predictor=predictor or "replicas: 1", unit=unit)
    reading = inspect_text(text)
    assert reading.problems == ()
    (said,) = left_out(reading.manifests[0].deployment)
    assert said.startswith(sentence)


@pytest.mark.parametrize("protocol", ["seldon", "v2", "kfserving"])
def test_nothing_is_left_out_of_a_plain_manifest(protocol: str) -> None:
    text = MANIFEST.format(spec=f"protocol: {protocol}", predictor="replicas: 1", unit="")
    assert left_out(inspect_text(text).manifests[0].deployment) == []
