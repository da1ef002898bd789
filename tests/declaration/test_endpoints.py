"""Where each unit is reached: SELDON_V1 §1.8, step 6."""

import pytest

from infergraph.declaration import Endpoint, defaulted
from tests.declaration.samples import deployment, spec

BOTH_PORTS = "ports: [{name: grpc, containerPort: 82}, {name: http, containerPort: 81}]"


def reached(graph: str, containers: str = "{name: c}", *, pods: str = "", **fields: str) -> Endpoint:
    """The endpoint of the root unit of predictor p, whose containers are in its first pod unless ``pods`` are given."""
    pods = pods or f"[{{spec: {{containers: [{containers}]}}}}]"
    found = defaulted(deployment(spec(f"name: p, graph: {graph}, componentSpecs: {pods}", **fields)))
    endpoint = found.spec.predictors[0].graph.endpoint
    assert endpoint is not None
    return endpoint


@pytest.mark.parametrize(
    ("transport", "type_", "containers", "port"),
    [
        ("''", "''", "{name: c}", 9000),
        ("rest", "''", "{name: c}", 9000),
        ("rest", "REST", "{name: c}", 9000),
        ("''", "REST", "{name: c}", 9000),
        ("grpc", "''", "{name: c}", 9500),
        ("grpc", "GRPC", "{name: c}", 9500),
        ("''", "GRPC", "{name: c}", 9500),
        ("rest", "''", f"{{name: c, {BOTH_PORTS}}}", 81),
        ("grpc", "''", f"{{name: c, {BOTH_PORTS}}}", 82),
    ],
)
def test_the_service_port_is_the_one_of_the_transport(transport: str, type_: str, containers: str, port: int) -> None:
    found = reached(f"{{name: c, endpoint: {{type: {type_}}}}}", containers, transport=transport)
    assert found.service_port == port


@pytest.mark.parametrize(
    ("endpoint", "containers", "ports"),
    [
        ("{}", "{name: c}", (9000, 9500)),
        ("{}", "{name: sidecar}, {name: c}", (9001, 9501)),
        ("{}", "{name: c, ports: [{name: http, containerPort: 81}]}", (81, 9500)),
        ("{}", "{name: c, ports: [{name: grpc, containerPort: 82}]}", (9000, 82)),
        ("{}", "{name: c, ports: [{name: web, containerPort: 83}]}", (9000, 9500)),
        ("{httpPort: 71}", "{name: c}", (71, 9500)),
        ("{grpcPort: 72}", "{name: c}", (9000, 72)),
        ("{httpPort: 71, grpcPort: 72}", f"{{name: c, {BOTH_PORTS}}}", (81, 82)),
        ("{service_port: 73}", "{name: c}", (9000, 9500)),
    ],
)
def test_a_containers_own_ports_come_before_a_units_and_those_before_the_counted(
    endpoint: str, containers: str, ports: tuple[int, int]
) -> None:
    found = reached(f"{{name: c, endpoint: {endpoint}}}", containers)
    assert (found.http_port, found.grpc_port) == ports
    assert found.service_port == ports[0]


FAR = "iris-p-c.default.svc.cluster.local"


@pytest.mark.parametrize(
    ("pods", "annotation", "host"),
    [
        ("[{spec: {containers: [{name: c}]}}]", "{}", "localhost"),
        ("[{spec: {containers: [{name: d}, {name: c}]}}]", "{}", "localhost"),
        ("[{spec: {containers: [{name: d}]}}, {spec: {containers: [{name: c}]}}]", "{}", FAR),
        ("[{}, {spec: {containers: [{name: c}]}}]", "{}", FAR),
        ("[{spec: {containers: [{name: c}]}}]", "{seldon.io/engine-separate-pod: 'true'}", FAR),
        ("[{spec: {containers: [{name: c}]}}]", "{seldon.io/engine-separate-pod: 'TRUE'}", FAR),
        ("[{spec: {containers: [{name: c}]}}]", "{seldon.io/engine-separate-pod: 'yes'}", "localhost"),
        ("[{spec: {containers: [{name: c}]}}]", "{seldon.io/engine-separate-pod: 'false'}", "localhost"),
    ],
)
def test_only_a_neighbour_of_the_engine_is_on_localhost(pods: str, annotation: str, host: str) -> None:
    assert reached("{name: c}", pods=pods, annotations=annotation).service_host == host


def test_a_host_that_is_stated_gives_way_to_the_containers() -> None:
    assert reached("{name: c, endpoint: {service_host: elsewhere}}").service_host == "localhost"


def test_a_unit_without_a_container_keeps_what_it_states() -> None:
    stated = "{service_host: elsewhere, service_port: 1}"
    found = reached(f"{{name: r, implementation: SIMPLE_ROUTER, endpoint: {stated}}}")
    assert found == Endpoint(service_host="elsewhere", service_port=1)
