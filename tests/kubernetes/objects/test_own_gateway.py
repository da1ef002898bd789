from infergraph.gateway import Destination, Routes
from tests.kubernetes.rendering import made


def test_one_predictor_needs_no_gateway_and_has_its_address() -> None:
    service = made("plain").one("Service", "plain-gateway")
    assert service["spec"]["selector"] == {"seldon-app": "plain-default"}
    assert [port["port"] for port in service["spec"]["ports"]] == [8000, 5001]
    assert made("plain").names("Deployment") == ["plain-default-0-classifier"]


def test_without_an_engine_the_address_leads_to_the_units_ports() -> None:
    ports = made("no_engine").one("Service", "no-engine-gateway")["spec"]["ports"]
    assert [(port["port"], port["targetPort"]) for port in ports] == [(8000, 9000), (5001, 9500)]


def test_several_predictors_have_one_before_them() -> None:
    service, deployment = made("gateway_shadow").one("Service", "gateway-shadow-gateway"), "gateway-shadow-gateway"
    labels = made("gateway_shadow").one("Deployment", deployment)["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    assert made("gateway_shadow").one("Deployment", deployment)["spec"]["replicas"] == 2
    (container,) = made("gateway_shadow").pod(deployment)["containers"]
    assert [port["containerPort"] for port in container["ports"]] == [80, 81]
    assert container["readinessProbe"]["httpGet"]["path"] == "/gateway/live"
    assert container["args"][-2:] == ["--shutdown-delay-s", "9"]


def test_a_predictor_may_have_its_name() -> None:
    assert "gateway-canary-gateway" in made("gateway_canary").names("Service")
    assert made("gateway_canary").names("Service")[-1].startswith("seldon-")


def test_its_arguments_are_what_it_reads() -> None:
    container = made("gateway_canary").pod(made("gateway_canary").names("Deployment")[-1])["containers"][0]
    said = [Destination.parsed(word) for word in container["args"] if "=" in word]
    assert [(one.name, one.percent) for one in Routes(tuple(said)).destinations] == [("main", 75), ("gateway", 25)]
    assert said[0].host == "gateway-canary-main.models.svc.cluster.local"
    assert (said[0].http_port, said[0].grpc_port) == (8000, 5001)


def test_a_shadow_without_a_number_gets_everything() -> None:
    container = made("gateway_shadow").pod("gateway-shadow-gateway")["containers"][0]
    shadow = container["args"][container["args"].index("--shadow") + 1]
    assert Destination.parsed(shadow).percent == 100


def test_where_others_spread_the_traffic_or_nobody_is_to_there_is_none() -> None:
    for name in ("istio_canary", "ambassador_canary", "gateway_api_canary", "gateway_off"):
        assert not [one for one in made(name).names("Service") if one.endswith("-gateway")]
        assert len(made(name).of("Deployment")) == 2
