"""Health, metadata and documentation over a real socket, also of components that make it hard."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.servers.attacked import Attack, assert_answered, path, request
from tests.serving import Process


def get(name: str, rest: str) -> bytes:
    return request("GET", path(name, rest), {})


@pytest.mark.parametrize("version", ["v0.1", "v1.0"])
@pytest.mark.parametrize(
    ("name", "rest", "status", "words"),
    [
        ("identity", "status/identity", 200, '"strData":"healthy"'),
        ("health", "status/model", 200, '"strData":"fine"'),
        ("ill", "status/model", 500, "no heartbeat"),
        ("odd", "status/model", 200, '"state":['),
        ("ill", "metadata/model", 500, "init_metadata raised RuntimeError: no metadata"),
        ("odd", "metadata/model", 500, "JSON cannot say"),
        ("listed", "metadata/model", 500, "returned list, expected a dict"),
        ("inputless", "metadata/model", 200, '"inputs":"none"'),
        ("identity", "status/nobody", 404, "the units are identity"),
        ("identity", "metadata/nobody", 404, "the units are identity"),
        ("ill", "doc/", 200, "<html"),
        ("inputless", "doc", 200, "<html"),
        ("ill", "doc/seldon.json", 200, '"openapi"'),
    ],
)
def test_units_speak_for_themselves(
    server: Process, version: str, name: str, rest: str, status: int, words: str
) -> None:
    assert_answered(server, Attack(get(name, f"/api/{version}/{rest}"), status, words))


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("two", 200, '"graphinputs":[],"graphoutputs":[]'),
        ("inputless", 200, '"graphinputs":"none"'),
        ("ill", 500, "MICROSERVICE_BAD_METADATA"),
    ],
)
def test_metadata_of_a_graph(server: Process, name: str, status: int, words: str) -> None:
    assert_answered(server, Attack(get(name, "/api/v1.0/metadata"), status, words))


def test_a_health_check_that_takes_long_keeps_nobody_waiting(server: Process) -> None:
    with ThreadPoolExecutor(1) as pool:
        status = pool.submit(server.request, "GET", path("blocked", "/api/v1.0/status/model"))
        assert server.predict({"strData": "go on"}, path("blocked", "")).status == 200
        assert status.result().json["strData"] == "done"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"])
@pytest.mark.parametrize("probe", ["/ready", "/live", path("identity", "/ready"), path("identity", "/live")])
def test_probes_take_any_method(server: Process, method: str, probe: str) -> None:
    answer = server.request(method, probe)
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize(
    ("rest", "methods"),
    [
        ("/api/v1.0/predictions", "OPTIONS,POST"),
        ("/api/v0.1/feedback", "OPTIONS,POST"),
        ("/api/v1.0/metadata", "GET,HEAD,OPTIONS"),
        ("/api/v1.0/status/identity", "GET,HEAD,OPTIONS"),
        ("/api/v1.0/doc/", "GET,HEAD,OPTIONS"),
        ("/v2/docs/", "GET,HEAD,OPTIONS"),
        ("/ready", "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"),
    ],
)
def test_options_gives_the_methods_of_a_path(server: Process, rest: str, methods: str) -> None:
    answer = server.request("OPTIONS", path("identity", rest))
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["access-control-allow-methods"] == methods


def test_a_wrong_method_is_told_the_right_ones(server: Process) -> None:
    answer = server.request("DELETE", path("identity", "/api/v1.0/metadata"))
    assert (answer.status, answer.headers["allow"]) == (405, "GET,HEAD,OPTIONS")


def test_the_front_page_lists_the_deployments(server: Process) -> None:
    listed = server.request("GET", "/").json["deployments"]
    assert {"name": "iris", "docs": path("iris", "/api/v1.0/doc/")} in listed
    assert server.request("GET", listed[0]["docs"]).status == 200
