import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from infergraph.declaration import (
    Container,
    DefaultSettings,
    Predictor,
    PrepackagedServer,
    SeldonDeployment,
    ServerImage,
    UnitType,
    defaulted,
)
from tests.declaration.samples import MODEL, deployment, spec, with_graph


def first(filled: SeldonDeployment) -> Predictor:
    return filled.spec.predictors[0]


def container(filled: SeldonDeployment, name: str) -> Container:
    found = first(filled).container(name)
    assert found is not None
    return found


def endpoints(filled: SeldonDeployment) -> dict[str, tuple[str, int | None, int | None]]:
    units = (unit for predictor in filled.spec.predictors for unit in predictor.units())
    return {u.name: (u.endpoint.service_host, u.endpoint.http_port, u.endpoint.grpc_port) for u in units if u.endpoint}


WORKED_EXAMPLE = """
predictors:
- name: p
  componentSpecs:
  - spec: {containers: [{name: A}, {name: B}]}
  - spec: {containers: [{name: C}]}
  graph: {name: A, children: [{name: B, children: [{name: C}]}]}
"""


def test_the_worked_example() -> None:
    filled = defaulted(deployment(WORKED_EXAMPLE))
    assert endpoints(filled) == {
        "A": ("localhost", 9000, 9500),
        "B": ("localhost", 9001, 9501),
        "C": ("iris-p-C.default.svc.cluster.local", 9002, 9502),
    }
    assert [unit.endpoint and unit.endpoint.service_port for unit in first(filled).units()] == [9000, 9001, 9002]
    assert [container(filled, name).port("metrics") for name in "ABC"] == [6000, 6001, 6002]
    assert [[found.name for found in pod.containers] for pod in first(filled).component_specs] == [["A", "B"], ["C"]]


@pytest.mark.parametrize(
    ("unit", "type_", "implementation"),
    [
        ("{name: c}", UnitType.MODEL, "UNKNOWN_IMPLEMENTATION"),
        ("{name: c, type: ROUTER}", UnitType.ROUTER, "UNKNOWN_IMPLEMENTATION"),
        ("{name: c, methods: [ROUTE]}", None, "UNKNOWN_IMPLEMENTATION"),
        ("{name: c, implementation: UNKNOWN_IMPLEMENTATION}", None, "UNKNOWN_IMPLEMENTATION"),
        ("{name: c, implementation: RANDOM_ABTEST, children: [{name: d}, {name: e}]}", None, "RANDOM_ABTEST"),
        ("{name: c, implementation: SKLEARN_SERVER, modelUri: u}", UnitType.MODEL, "SKLEARN_SERVER"),
        ("{name: c, type: COMBINER, implementation: SKLEARN_SERVER, modelUri: u}", UnitType.MODEL, "SKLEARN_SERVER"),
    ],
)
def test_the_type_of_a_unit_wherever_it_stands(unit: str, type_: UnitType | None, implementation: str) -> None:
    for graph in (unit, f"{{name: root, implementation: SIMPLE_MODEL, children: [{unit}]}}"):
        filled = defaulted(with_graph(graph, containers="{name: c}, {name: d}, {name: e}").manifests[0].deployment)
        (found,) = (each for each in first(filled).units() if each.name == "c")
        assert (found.type, found.implementation) == (type_, implementation)


def test_what_a_unit_and_its_container_get() -> None:
    filled = defaulted(with_graph("{name: c}", containers="{name: c}").manifests[0].deployment)
    graph = first(filled).graph
    assert (filled.metadata.namespace, first(filled).labels) == ("default", {"version": "p"})
    assert (graph.type, graph.implementation) == (UnitType.MODEL, "UNKNOWN_IMPLEMENTATION")
    assert json.loads(msgspec.json.encode(container(filled, "c"))) == {
        "name": "c",
        "imagePullPolicy": "IfNotPresent",
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "volumeMounts": [{"name": "seldon-podinfo", "mountPath": "/etc/podinfo"}],
        "ports": [{"name": "metrics", "containerPort": 6000}],
    }


def test_what_is_stated_is_kept() -> None:
    filled = defaulted(
        deployment("""
        predictors:
        - name: p
          labels: {version: v9}
          graph: {name: c, type: ROUTER, endpoint: {type: GRPC}}
          componentSpecs:
          - spec:
              containers:
              - name: c
                image: mine:1
                imagePullPolicy: Always
                terminationMessagePath: /dev/end
                terminationMessagePolicy: FallbackToLogsOnError
                volumeMounts: [{name: podinfo, mountPath: /etc/podinfo}, {name: data, mountPath: /data}]
                ports: [{name: http, containerPort: 8081}, {name: metrics, containerPort: 7000}]
        """)
    )
    found = container(filled, "c")
    assert (found.image, found.image_pull_policy, found.port("metrics")) == ("mine:1", "Always", 7000)
    assert (found.termination_message_path, found.termination_message_policy) == ("/dev/end", "FallbackToLogsOnError")
    assert [mount.name for mount in found.volume_mounts] == ["data", "seldon-podinfo"]
    assert [port.name for port in found.ports] == ["http", "metrics"]
    assert endpoints(filled) == {"c": ("localhost", 8081, 9500)}
    assert first(filled).graph.type == UnitType.ROUTER
    assert first(filled).labels == {"version": "v9"}


def test_numbers_go_by_name_over_all_predictors_and_strangers_take_some() -> None:
    filled = defaulted(
        deployment("""
        predictors:
        - name: p
          traffic: 50
          graph: {name: a}
          componentSpecs: [{spec: {containers: [{name: sidecar}, {name: a}]}}]
        - name: q
          traffic: 50
          graph: {name: a, children: [{name: b}]}
          componentSpecs: [{spec: {containers: [{name: a}, {name: b}]}}]
        """)
    )
    assert endpoints(filled) == {"a": ("localhost", 9001, 9501), "b": ("localhost", 9002, 9502)}
    assert container(filled, "sidecar") == Container(name="sidecar")
    assert container(filled, "a").port("metrics") == 6000


@pytest.mark.parametrize(
    ("implementation", "protocol", "image"),
    [
        ("SKLEARN_SERVER", "", "seldonio/sklearnserver:1.16.0"),
        ("SKLEARN_SERVER", "seldon", "seldonio/sklearnserver:1.16.0"),
        ("SKLEARN_SERVER", "v2", "seldonio/mlserver:1.3.0-sklearn"),
        ("XGBOOST_SERVER", "kfserving", "seldonio/mlserver:1.3.0-xgboost"),
        ("TRITON_SERVER", "v2", "nvcr.io/nvidia/tritonserver:21.08-py3"),
        ("TRITON_SERVER", "seldon", ""),
        ("TENSORFLOW_SERVER", "", "seldonio/tfserving-proxy:1.16.0"),
        ("TENSORFLOW_SERVER", "tensorflow", ""),
    ],
)
def test_a_prepackaged_unit_gets_a_container_and_its_servers_image(
    implementation: str, protocol: str, image: str
) -> None:
    graph = f"{{name: m, type: ROUTER, implementation: {implementation}, modelUri: u}}"
    filled = defaulted(deployment(f"{{protocol: '{protocol}', predictors: [{{name: p, graph: {graph}}}]}}"))
    assert container(filled, "m").image == image
    assert first(filled).graph.type == UnitType.MODEL
    assert endpoints(filled) == {"m": ("localhost", 9000, 9500)}


def test_a_made_container_joins_the_first_pod_and_is_counted_last() -> None:
    filled = defaulted(
        deployment("""
        predictors:
        - name: p
          graph: {name: c, children: [{name: m, implementation: SKLEARN_SERVER, modelUri: u}]}
          componentSpecs: [{}, {spec: {containers: [{name: c}]}}]
        """)
    )
    assert [pod.name for pod in first(filled).component_specs[0].containers] == ["m"]
    assert endpoints(filled) == {
        "c": ("iris-p-c.default.svc.cluster.local", 9000, 9500),
        "m": ("localhost", 9001, 9501),
    }


def test_made_containers_join_those_that_are_there_in_the_order_of_the_graph() -> None:
    graph = f"{{name: n, implementation: SKLEARN_SERVER, modelUri: u, children: [{MODEL}]}}"
    pods = "componentSpecs: [{replicas: 2, spec: {nodeName: here, containers: [{name: x}]}}, {spec: {containers: []}}]"
    one, two = first(defaulted(deployment(spec(f"name: p, graph: {graph}, {pods}")))).component_specs
    assert [found.name for found in one.containers] == ["x", "n", "m"]
    assert (one.replicas, one.spec and one.spec.node_name, two.containers) == (2, "here", ())


def test_a_made_container_takes_its_numbers_after_all_that_are_written_and_before_the_next_predictors() -> None:
    pods = "componentSpecs: [{spec: {containers: [{name: a}]}}, {spec: {containers: [{name: b}]}}]"
    server = "implementation: SKLEARN_SERVER, modelUri: u"
    graph = f"{{name: a, children: [{{name: b}}, {{name: m, {server}, endpoint: {{httpPort: 7}}}}]}}"
    filled = defaulted(
        deployment(
            spec(
                f"name: p, traffic: 50, graph: {graph}, {pods}",
                f"name: q, traffic: 50, graph: {{name: n, {server}}}",
            )
        )
    )
    assert {name: numbers for name, (_, *numbers) in endpoints(filled).items()} == {
        "a": [9000, 9500],
        "b": [9001, 9501],
        "m": [7, 9502],
        "n": [9003, 9503],
    }
    second = filled.spec.predictors[1].container("n")
    assert [container(filled, name).port("metrics") for name in "abm"] == [6000, 6001, 6002]
    assert second is not None
    assert second.port("metrics") == 6003


@pytest.mark.parametrize("pods", ["", ", componentSpecs: [{replicas: 2}]"])
def test_no_pod_is_made_where_no_container_is(pods: str) -> None:
    found = deployment(spec(f"name: p, graph: {{name: s, implementation: SIMPLE_MODEL}}{pods}"))
    assert first(defaulted(found)).component_specs == first(found).component_specs


@pytest.mark.parametrize(
    ("unit", "written", "protocol", "image"),
    [
        ("implementation: SKLEARN_SERVER, modelUri: u", "image: mine:1", "''", "mine:1"),
        ("implementation: SKLEARN_SERVER, modelUri: u", "image: ''", "''", "seldonio/sklearnserver:1.16.0"),
        ("implementation: TRITON_SERVER, modelUri: u", "image: ''", "tensorflow", ""),
        ("implementation: MY_SERVER, modelUri: u", "image: mine:1", "''", "mine:1"),
        ("type: MODEL", "image: ''", "''", ""),
        ("implementation: SIMPLE_MODEL", "image: ''", "''", ""),
    ],
)
def test_an_image_is_filled_in_where_a_server_needs_one(unit: str, written: str, protocol: str, image: str) -> None:
    graph, containers = f"{{name: c, {unit}}}", f"{{name: c, {written}}}"
    filled = defaulted(
        with_graph(graph, containers=containers, extra=f", protocol: {protocol}").manifests[0].deployment
    )
    assert container(filled, "c").image == image


def test_a_container_that_is_no_unit_is_left_as_it_is() -> None:
    mount = "volumeMounts: [{name: podinfo, mountPath: /etc/podinfo}]"
    found = with_graph("{name: c}", containers=f"{{name: c}}, {{name: x, {mount}}}").manifests[0].deployment
    assert container(defaulted(found), "x") == container(found, "x")


def test_a_mount_of_pod_info_is_not_made_twice() -> None:
    mount = "volumeMounts: [{name: seldon-podinfo, mountPath: /elsewhere}]"
    found = with_graph("{name: c}", containers=f"{{name: c, {mount}}}").manifests[0].deployment
    assert [each.mount_path for each in container(defaulted(found), "c").volume_mounts] == ["/elsewhere"]


def test_a_namespace_that_is_stated_is_kept() -> None:
    found = convert({"metadata": {"namespace": "ours"}, "spec": {"predictors": []}}, SeldonDeployment)
    assert defaulted(found).metadata.namespace == "ours"


def test_built_in_units_have_nowhere_to_be_reached() -> None:
    graph = f"{{name: r, implementation: SIMPLE_ROUTER, children: [{MODEL}]}}"
    filled = defaulted(deployment(spec(f"name: p, graph: {graph}")))
    assert list(endpoints(filled)) == ["m"]
    assert first(filled).graph.type is None


def test_an_operator_may_set_starts_names_and_servers() -> None:
    servers = {"SKLEARN_SERVER": PrepackagedServer({"seldon": ServerImage("mine")})}
    environment = {
        "PREDICTIVE_UNIT_HTTP_SERVICE_PORT": "1000",
        "PREDICTIVE_UNIT_GRPC_SERVICE_PORT": "2000",
        "PREDICTIVE_UNIT_METRICS_SERVICE_PORT": "3000",
        "PREDICTIVE_UNIT_METRICS_PORT_NAME": "numbers",
    }
    settings = DefaultSettings.from_environment(environment, servers=servers)
    filled = defaulted(deployment(f"{{predictors: [{{name: p, graph: {MODEL}}}]}}"), settings=settings)
    assert endpoints(filled) == {"m": ("localhost", 1000, 2000)}
    assert (container(filled, "m").image, container(filled, "m").port("numbers")) == ("mine", 3000)
    assert DefaultSettings.from_environment({}) == DefaultSettings()


names = st.sampled_from("abcdef")
ports = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["http", "grpc", "metrics", "x"]), "containerPort": st.integers(1, 99)}
    ),
    max_size=2,
)
containers = st.lists(st.fixed_dictionaries({"name": names, "ports": ports}), max_size=3)
pods = st.lists(
    st.one_of(st.just({}), st.builds(lambda found: {"spec": {"containers": found}}, containers)), max_size=3
)
implementations = st.sampled_from(["", "SKLEARN_SERVER", "SIMPLE_ROUTER", "UNKNOWN_IMPLEMENTATION", "MY_SERVER"])
leaves = st.fixed_dictionaries(
    {"name": names, "implementation": implementations},
    optional={
        "type": st.sampled_from(list(UnitType)),
        "endpoint": st.sampled_from([{}, {"httpPort": 7}, {"type": "GRPC"}]),
    },
)
graphs = st.recursive(
    leaves,
    lambda below: st.builds(lambda unit, found: {**unit, "children": found}, leaves, st.lists(below, max_size=3)),
)
predictors = st.lists(st.fixed_dictionaries({"name": names, "graph": graphs, "componentSpecs": pods}), max_size=3)


@given(found=predictors, transport=st.sampled_from(["", "grpc"]))
def test_twice_is_the_same_as_once(found: list[object], transport: str) -> None:
    declared = convert({"spec": {"predictors": found, "transport": transport}}, SeldonDeployment)
    once = defaulted(declared)
    assert defaulted(once) == once
