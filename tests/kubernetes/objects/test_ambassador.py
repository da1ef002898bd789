from typing import Any

import pytest
import yaml

from infergraph.errors import BadManifest
from infergraph.kubernetes.objects import objects
from infergraph.kubernetes.objects.settings import settings_of
from tests.declaration.samples import MODEL, deployment
from tests.kubernetes.rendering import made


def mapping(name: str, last: str) -> dict[str, Any]:
    """The spec of the one mapping whose name ends so."""
    (found,) = [one for one in made(name).of("Mapping") if one["metadata"]["name"].endswith(last)]
    spec: dict[str, Any] = found["spec"]
    return spec


def annotated(name: str, service: str = "") -> list[dict[str, Any]]:
    """What the annotation of a Service says."""
    return list(
        yaml.safe_load_all(made(name).one("Service", service)["metadata"]["annotations"]["getambassador.io/config"])
    )


def test_without_ambassador_there_is_nothing_of_it() -> None:
    assert made("plain").of("Mapping") == []
    assert "annotations" not in made("plain").one("Service", "plain-default")["metadata"]


def test_the_first_version_reads_an_annotation() -> None:
    rest, grpc = annotated("ambassador_v1")
    assert rest == {
        "apiVersion": "ambassador/v1",
        "kind": "Mapping",
        "name": "seldon_models_ambassador-v1_default_rest_mapping",
        "prefix": "/seldon/models/ambassador-v1/",
        "rewrite": "/",
        "service": "ambassador-v1-default.models:8000",
        "timeout_ms": 3000,
    }
    assert grpc == {
        "apiVersion": "ambassador/v1",
        "kind": "Mapping",
        "name": "seldon_models_ambassador-v1_default_grpc_mapping",
        "grpc": True,
        "prefix": "/(seldon.protos.*|tensorflow.serving.*|inference.*)/.*",
        "prefix_regex": True,
        "rewrite": "",
        "headers": {"seldon": "ambassador-v1", "namespace": "models"},
        "service": "ambassador-v1-default.models:5001",
        "timeout_ms": 3000,
    }
    assert made("ambassador_v1").of("Mapping") == []


def test_the_second_version_reads_objects() -> None:
    names = made("ambassador_v2").names("Mapping")
    assert names == ["seldon-models-ambassador-v2-default-rest", "seldon-models-ambassador-v2-default-grpc"]
    assert made("ambassador_v2").of("Mapping")[0]["apiVersion"] == "getambassador.io/v2"
    assert mapping("ambassador_v2", "rest")["service"] == "ambassador-v2-default.models:8000"


def test_the_first_predictor_gets_what_the_others_leave() -> None:
    for kind in ("rest", "grpc"):
        assert "weight" not in mapping("ambassador_canary", f"main-{kind}")
        assert mapping("ambassador_canary", f"canary-{kind}")["weight"] == 25


def test_a_share_of_nothing_is_written_and_a_shadow_without_one_gets_everything() -> None:
    nothing = annotated("ambassador_shadow", "ambassador-shadow-second")[0]
    copies = annotated("ambassador_shadow", "ambassador-shadow-copies")[0]
    assert nothing["weight"] == 0
    assert copies["shadow"] is True
    assert "weight" not in copies


def test_everything_that_annotations_say() -> None:
    rest, grpc = mapping("ambassador_annotations", "rest"), mapping("ambassador_annotations", "grpc")
    assert rest["prefix"] == "/seldon/models/spam/"
    assert grpc["headers"] == {"seldon": "spam", "namespace": "models"}
    assert rest["timeout_ms"] == rest["idle_timeout_ms"] == 400_000
    assert grpc["timeout_ms"] == 500
    assert "idle_timeout_ms" not in grpc
    for one in (rest, grpc):
        assert one["ambassador_id"] == "edge"
        assert one["retry_policy"] == {"retry_on": "gateway-error", "num_retries": 2}
        assert one["regex_headers"] == {"x-tenant": "a.*"}
        assert one["circuit_breakers"] == [
            {"max_connections": 100, "max_pending_requests": 50, "max_requests": 200, "max_retries": 4}
        ]


def test_a_canary_for_those_who_send_headers() -> None:
    rest, grpc = mapping("ambassador_header", "rest"), mapping("ambassador_header", "grpc")
    assert rest["prefix"] == "/seldon/models/spam/"
    assert rest["headers"] == {"location": "london", "tier": "gold"}
    assert grpc["headers"] == {"seldon": "spam", "namespace": "models", "location": "london", "tier": "gold"}


def test_the_users_own_text_is_there_once() -> None:
    (own,) = annotated("ambassador_config", "ambassador-config-main")
    assert own["name"] == "mine"
    assert "annotations" not in made("ambassador_config").one("Service", "ambassador-config-canary")["metadata"]


def test_tls_to_the_engine() -> None:
    context = made("ambassador_ssl").one("TLSContext")
    assert context["spec"] == {"secret": "certificate"}
    assert mapping("ambassador_ssl", "models-ambassador-ssl-default-rest")["tls"] == context["metadata"]["name"]
    *mappings, first = annotated("ambassador_v1_ssl")
    assert first["kind"] == "TLSContext"
    assert {one["tls"] for one in mappings} == {first["name"]} == {"seldon_models_ambassador-v1-ssl_default_tls_config"}


def test_with_one_namespace_there_are_addresses_without_it() -> None:
    assert len(made("ambassador_ssl").of("Mapping")) == 4
    assert mapping("ambassador_ssl", "seldon-ambassador-ssl-default-rest")["prefix"] == "/seldon/ambassador-ssl/"
    assert mapping("ambassador_ssl", "seldon-ambassador-ssl-default-grpc")["headers"] == {"seldon": "ambassador-ssl"}


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        ("ambassador-header: lonely", "pairs `name : value`, got 'lonely'"),
        ("ambassador-retries: often", "ambassador-retries is a whole number, got 'often'"),
        ("rest-timeout: 5s", "rest-timeout is a whole number, got '5s'"),
    ],
)
def test_an_annotation_that_cannot_be_read_is_refused(annotation: str, said: str) -> None:
    model = MODEL.replace("models/", "gs://models/")
    declared = deployment(f"{{annotations: {{seldon.io/{annotation}}}, predictors: [{{name: p, graph: {model}}}]}}")
    with pytest.raises(BadManifest, match=said):
        objects(declared, settings_of({"ambassador": {"enabled": True}}))
