from typing import Any

from tests.kubernetes.rendering import made


def rule(name: str, kind: str) -> dict[str, Any]:
    (found,) = made(name).one(kind)["spec"]["rules"]
    assert isinstance(found, dict)
    return found


def weights(one: dict[str, Any]) -> dict[str, int]:
    return {backend["name"]: backend["weight"] for backend in one["backendRefs"]}


def test_without_such_a_gateway_there_are_no_routes() -> None:
    assert made("plain").of("HTTPRoute") == made("plain").of("GRPCRoute") == []


def test_rest_is_found_by_its_path_and_grpc_by_its_metadata() -> None:
    rest, grpc = rule("gateway_api", "HTTPRoute"), rule("gateway_api", "GRPCRoute")
    assert made("gateway_api").one("HTTPRoute")["apiVersion"] == "gateway.networking.k8s.io/v1"
    assert rest["matches"] == [{"path": {"type": "PathPrefix", "value": "/seldon/models/gateway-api"}}]
    rewrite = {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}}
    assert rest["filters"] == [{"type": "URLRewrite", "urlRewrite": rewrite}]
    assert rest["backendRefs"] == [{"name": "gateway-api-default", "port": 8000, "weight": 100}]
    (match,) = grpc["matches"]
    assert {header["name"]: header["value"] for header in match["headers"]} == {
        "seldon": "gateway-api",
        "namespace": "models",
    }
    assert grpc["backendRefs"] == [{"name": "gateway-api-default", "port": 5001, "weight": 100}]


def test_each_route_may_have_a_listener_of_its_own() -> None:
    def parents(kind: str) -> Any:
        return made("gateway_api").one(kind)["spec"]["parentRefs"]

    assert parents("HTTPRoute") == [{"name": "main", "namespace": "edge", "sectionName": "web"}]
    assert parents("GRPCRoute") == [{"name": "main", "namespace": "edge", "sectionName": "grpc"}]
    assert made("gateway_api_canary").one("HTTPRoute")["spec"]["parentRefs"] == [{"name": "infergraph"}]


def test_a_canary_has_its_share() -> None:
    for kind in ("HTTPRoute", "GRPCRoute"):
        found = weights(rule("gateway_api_canary", kind))
        assert found == {"gateway-api-canary-main": 75, "gateway-api-canary-canary": 25}


def test_host_and_time() -> None:
    assert made("gateway_api_canary").one("HTTPRoute")["spec"]["hostnames"] == ["models.example.com"]
    assert rule("gateway_api_canary", "HTTPRoute")["timeouts"] == {"request": "5000ms"}
    assert "timeouts" not in rule("gateway_api", "HTTPRoute")


def test_a_shadow_gets_copies_and_no_share() -> None:
    for kind, port in (("HTTPRoute", 8000), ("GRPCRoute", 5001)):
        found = rule("gateway_api_shadow", kind)
        assert weights(found) == {"gateway-api-shadow-main": 100, "gateway-api-shadow-second": 0}
        backend = {"name": "gateway-api-shadow-copies", "port": port}
        assert found["filters"][-1] == {
            "type": "RequestMirror",
            "requestMirror": {"backendRef": backend, "percent": 30},
        }


def test_without_a_number_a_shadow_gets_everything() -> None:
    mirror = rule("gateway_api_no_grpc", "HTTPRoute")["filters"][-1]["requestMirror"]
    assert mirror == {"backendRef": {"name": "gateway-api-no-grpc-copies", "port": 8000}}
    assert made("gateway_api_no_grpc").of("GRPCRoute") == []
