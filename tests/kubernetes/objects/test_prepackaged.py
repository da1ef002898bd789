import json

from tests.kubernetes.rendering import env, made


def test_mlserver() -> None:
    container = made("mlserver").containers()["classifier"]
    given = env(container)
    assert container["image"] == "seldonio/mlserver:1.3.0-sklearn"
    assert given["MLSERVER_MODEL_IMPLEMENTATION"] == "mlserver_sklearn.SKLearnModel"
    assert given["MLSERVER_MODEL_NAME"] == "classifier"
    assert given["MLSERVER_MODEL_VERSION"] == "v1"
    assert given["MLSERVER_MODEL_URI"] == "/mnt/models"
    assert given["MLSERVER_HTTP_PORT"] == "9000"
    assert given["MLSERVER_GRPC_PORT"] == "9500"
    assert json.loads(given["TEMPO_RUNTIME_OPTIONS"])["k8s_options"]["namespace"] == "models"
    assert container["readinessProbe"] == {
        "httpGet": {"path": "/v2/health/ready", "port": "http", "scheme": "HTTP"},
        "initialDelaySeconds": 20,
        "periodSeconds": 5,
        "failureThreshold": 3,
        "successThreshold": 1,
        "timeoutSeconds": 60,
    }
    assert container["livenessProbe"]["httpGet"]["path"] == "/v2/health/live"


def test_mlserver_keeps_its_metrics_port() -> None:
    names = [port["name"] for port in made("mlserver").containers()["classifier"]["ports"]]
    assert sorted(names) == ["grpc", "http", "metrics"]


def test_huggingface_without_a_model_to_fetch() -> None:
    given = env(made("huggingface").containers()["words"])
    assert given["MLSERVER_MODEL_IMPLEMENTATION"] == "mlserver_huggingface.HuggingFaceRuntime"
    assert given["MLSERVER_PARALLEL_WORKERS"] == "0"
    assert given["XDG_CACHE_HOME"] == "/opt/mlserver"
    assert given["MLSERVER_MODEL_VERSION"] == "v9"  # the user's
    assert json.loads(given["PREDICTIVE_UNIT_PARAMETERS"])[0]["value"] == "fill-mask"
    assert "initContainers" not in made("huggingface").pod()


def test_triton() -> None:
    container = made("triton").containers()["simple"]
    assert container["args"] == [
        "/opt/tritonserver/bin/tritonserver",
        "--grpc-port=9500",
        "--http-port=9000",
        "--model-repository=/mnt/models",
        "--strict-model-config=false",
    ]
    assert container["readinessProbe"]["periodSeconds"] == 10
    assert container["livenessProbe"]["initialDelaySeconds"] == 60
    assert made("triton").pod()["initContainers"][0]["args"][1] == "gs://models/triton/simple"


def test_triton_may_fetch_by_itself() -> None:
    container = made("triton_fetches").containers()["multi"]
    assert container["args"][3:] == [
        "--model-repository=s3://models/triton",
        "--strict-model-config=true",
        "--model-control-mode=explicit",
        "--load-model=one",
        "--load-model=two",
    ]
    assert container["envFrom"] == [{"secretRef": {"name": "s3"}}]
    assert "initContainers" not in made("triton_fetches").pod()


def test_tensorflow_serving() -> None:
    container = made("tensorflow").containers()["halfplustwo"]
    assert container["image"] == "tensorflow/serving:2.1.0"
    assert container["args"] == [
        "--port=9500",
        "--rest_api_port=9000",
        "--model_name=halfplustwo",
        "--model_base_path=/mnt/models",
    ]


def test_tensorflow_serving_behind_its_proxy() -> None:
    containers = made("tensorflow_proxy").containers()
    assert list(containers) == ["mnist", "tfserving", "seldon-container-engine"]
    assert containers["mnist"]["image"] == "seldonio/tfserving-proxy:1.16.0"
    parameters = json.loads(env(containers["mnist"])["PREDICTIVE_UNIT_PARAMETERS"])
    assert {one["name"]: one["value"] for one in parameters} == {
        "model_output": "scores",
        "rest_endpoint": "http://0.0.0.0:2001",
        "grpc_endpoint": "0.0.0.0:2000",
        "model_name": "mnist",
    }
    assert containers["tfserving"]["args"] == [
        "--port=2000",
        "--rest_api_port=2001",
        "--model_name=mnist",
        "--model_base_path=/mnt/models",
    ]
    (initializer,) = made("tensorflow_proxy").pod()["initContainers"]
    assert initializer["name"] == "tfserving-model-initializer"
    mount = {"name": "tfserving-provision-location", "mountPath": "/mnt/models", "readOnly": True}
    assert mount in containers["tfserving"]["volumeMounts"]


def test_a_server_of_the_operators_own() -> None:
    container = made("custom_server").containers()["trees"]
    assert container["image"] == "example/trees"
    assert json.loads(env(container)["PREDICTIVE_UNIT_PARAMETERS"]) == [
        {"name": "model_uri", "value": "/mnt/models", "type": "STRING"}
    ]
