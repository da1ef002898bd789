from typing import Any

from tests.kubernetes.rendering import made


def http(name: str) -> list[dict[str, Any]]:
    """The entries of the VirtualService: REST first, gRPC second."""
    entries: list[dict[str, Any]] = made(name).one("VirtualService")["spec"]["http"]
    return entries


def weights(entry: dict[str, Any]) -> dict[str, int]:
    return {route["destination"]["subset"]: route["weight"] for route in entry["route"]}


def test_without_istio_there_is_nothing_of_it() -> None:
    assert made("plain").of("VirtualService") == []
    assert made("plain").of("DestinationRule") == []


def test_rest_is_found_by_its_path_and_grpc_by_its_metadata() -> None:
    service = made("istio").one("VirtualService")
    assert service["metadata"]["name"] == "istio"
    assert service["spec"]["hosts"] == ["*"]
    assert service["spec"]["gateways"] == ["istio-system/seldon-gateway"]
    rest, grpc = http("istio")
    assert rest["match"] == [{"uri": {"prefix": "/seldon/models/istio/"}}]
    assert rest["rewrite"] == {"uri": "/"}
    assert grpc["match"] == [
        {
            "uri": {"regex": ".*tensorflow.*|.*seldon.protos.*|.*inference.*"},
            "headers": {"seldon": {"exact": "istio"}, "namespace": {"exact": "models"}},
        }
    ]
    host = "istio-default.models.svc.cluster.local"
    assert rest["route"][0]["destination"] == {"host": host, "subset": "default", "port": {"number": 8000}}
    assert grpc["route"][0]["destination"] == {"host": host, "subset": "default", "port": {"number": 5001}}


def test_subsets_are_the_versions_of_the_rules() -> None:
    rule = made("istio").one("DestinationRule")
    assert rule["metadata"]["name"] == "istio-default"
    assert rule["spec"] == {
        "host": "istio-default.models.svc.cluster.local",
        "subsets": [{"name": "default", "labels": {"version": "default"}}],
        "trafficPolicy": {"connectionPool": {"http": {"idleTimeout": "60s"}}},
    }
    pods = made("istio").one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert pods["version"] == "default"


def test_a_canary_has_its_share() -> None:
    assert [weights(entry) for entry in http("istio_canary")] == [{"main": 75, "canary": 25}] * 2


def test_a_share_of_nothing_is_written() -> None:
    assert weights(http("istio_shadow")[0]) == {"main": 100, "second": 0}


def test_a_shadow_gets_copies() -> None:
    for entry, port in zip(http("istio_shadow"), (8000, 5001), strict=True):
        host = "istio-shadow-copies.models.svc.cluster.local"
        assert entry["mirror"] == {"host": host, "subset": "copies", "port": {"number": port}}
        assert entry["mirrorPercentage"] == {"value": 30}
        assert "copies" not in weights(entry)
    assert len(made("istio_shadow").of("DestinationRule")) == 3


def test_annotations_and_the_operators_tls() -> None:
    service = made("istio_annotations").one("VirtualService")
    assert service["spec"]["hosts"] == ["models.example.com"]
    assert service["spec"]["gateways"] == ["edge/main"]
    for entry in http("istio_annotations"):
        assert entry["retries"] == {
            "attempts": 3,
            "perTryTimeout": "2s",
            "retryOn": "gateway-error,connect-failure,refused-stream",
        }
    rule = made("istio_annotations").one("DestinationRule")
    assert rule["spec"]["trafficPolicy"] == {"tls": {"mode": "ISTIO_MUTUAL"}}


def test_without_an_engine_the_ports_are_the_units() -> None:
    rest, grpc = http("istio_no_engine")
    host = "spam.models.svc.cluster.local"
    assert rest["route"][0]["destination"]["port"] == {"number": 9000}
    assert grpc["route"][0]["destination"]["port"] == {"number": 9500}
    assert (
        rest["route"][0]["destination"]["host"]
        == made("istio_no_engine").one("DestinationRule")["spec"]["host"]
        == host
    )
    assert made("istio_no_engine").one("DestinationRule")["spec"]["subsets"][0]["labels"] == {"version": "v3"}
