import pytest

from infergraph.errors import BadManifest
from infergraph.kubernetes.objects import objects
from tests.declaration.samples import deployment
from tests.kubernetes.rendering import made


def test_probes_of_the_first_version() -> None:
    container = made("own_image").containers()["classifier"]
    numbers = {"periodSeconds": 5, "failureThreshold": 3, "successThreshold": 1, "timeoutSeconds": 1}
    tcp = {"tcpSocket": {"port": "http"}}
    assert container["livenessProbe"] == {**tcp, "initialDelaySeconds": 60, **numbers}
    assert container["readinessProbe"] == {**tcp, "initialDelaySeconds": 20, **numbers}
    assert container["lifecycle"] == {"preStop": {"exec": {"command": ["/bin/sh", "-c", "/bin/sleep 10"]}}}
    assert made("own_image").pod()["terminationGracePeriodSeconds"] == 20


def test_over_grpc_its_port_is_probed() -> None:
    container = made("grpc").containers()["classifier"]
    assert container["readinessProbe"]["tcpSocket"] == container["livenessProbe"]["tcpSocket"] == {"port": "grpc"}


def test_the_users_probes_stay() -> None:
    container = made("probes_given").containers()["classifier"]
    assert container["livenessProbe"] == {"exec": {"command": ["is-alive"]}, "initialDelaySeconds": 7}
    assert container["readinessProbe"] == {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 3}
    assert container["startupProbe"] == {"tcpSocket": {"port": "http"}, "failureThreshold": 30}
    assert container["lifecycle"] == {"preStop": {"exec": {"command": ["leave"]}}}
    assert made("probes_given").pod()["terminationGracePeriodSeconds"] == 90


def test_ports() -> None:
    def ports(name: str) -> dict[str, int]:
        return {port["name"]: port["containerPort"] for port in made(name).containers()["classifier"]["ports"]}

    assert ports("own_image") == {"metrics": 6000, "http": 9000, "grpc": 9500}
    assert ports("ports_given") == {"http": 8081, "metrics": 8082, "debug": 5678, "grpc": 9500}
    service = made("ports_given").one("Service", "ports-given-default-classifier")
    assert [port["targetPort"] for port in service["spec"]["ports"]] == [8081, 9500]


def test_a_number_that_has_another_name_is_not_there_twice() -> None:
    found = objects(
        deployment(
            """
            predictors:
            - name: p
              graph: {name: m}
              componentSpecs:
              - spec: {containers: [{name: m, image: "x:1", ports: [{name: web, containerPort: 9000}]}]}
            """
        )
    )
    container = next(one for one in found if one["kind"] == "Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert [(port["name"], port["containerPort"]) for port in container["ports"]] == [
        ("metrics", 6000),
        ("http", 9000),
        ("grpc", 9500),
    ]


def test_everything_else_of_a_pod_passes_through() -> None:
    pod = made("pass_through").pod()
    assert pod["nodeSelector"] == {"disk": "ssd"}
    assert pod["tolerations"] == [{"key": "gpu", "operator": "Exists"}]
    assert pod["affinity"]["nodeAffinity"]
    assert pod["topologySpreadConstraints"] == [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}
    ]
    assert pod["imagePullSecrets"] == [{"name": "registry"}]
    assert pod["serviceAccountName"] == "reader"
    assert pod["priorityClassName"] == "high"
    assert [one["name"] for one in pod["initContainers"]] == ["prepare"]
    assert {"name": "data", "emptyDir": {"medium": "Memory"}} in pod["volumes"]
    assert [one["name"] for one in pod["containers"]] == ["classifier", "proxy", "seldon-container-engine"]


def test_a_sidecar_stays_as_it_is() -> None:
    sidecar = made("pass_through").containers()["proxy"]
    assert sidecar == {
        "name": "proxy",
        "image": "example/proxy:1.0",
        "ports": [{"containerPort": 9090, "protocol": "TCP"}],
    }


def test_quantities_are_texts() -> None:
    """Server-side apply on older clusters takes no others."""
    resources = made("pass_through").containers()["classifier"]["resources"]
    assert resources == {
        "requests": {"cpu": "1", "memory": "1Gi"},
        "limits": {"memory": "2Gi", "nvidia.com/gpu": "1"},
    }


def test_a_server_of_ours_alone_is_a_microservice() -> None:
    container = made("unfused").containers()["classifier"]
    assert container["image"].startswith("infergraph:")
    assert container["args"] == ["microservice", "infergraph.runtimes.sklearn:SklearnServer"]
    assert container["readinessProbe"]["tcpSocket"] == {"port": "http"}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert {"name": "infergraph-tmp", "mountPath": "/tmp"} in container["volumeMounts"]


def test_in_another_protocol_it_is_an_engine_of_one_unit() -> None:
    container = made("unfused_v2").containers()["classifier"]
    assert container["args"][0] == "engine"
    assert container["args"][-4:] == ["--http_port", "9000", "--grpc_port", "9500"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"


def test_a_unit_without_an_image_is_refused() -> None:
    container = "componentSpecs: [{spec: {containers: [{name: m}]}}]"
    declared = deployment(f"{{predictors: [{{name: p, graph: {{name: m}}, {container}}}]}}")
    with pytest.raises(BadManifest, match="predictor p: unit m: its container has no image"):
        objects(declared)


def test_a_server_that_does_not_speak_the_protocol_is_refused() -> None:
    graph = "{name: m, implementation: TRITON_SERVER, modelUri: gs://a/b}"
    declared = deployment(f"{{predictors: [{{name: p, graph: {graph}}}]}}")
    with pytest.raises(BadManifest, match="there is no server TRITON_SERVER for the protocol seldon"):
        objects(declared)
