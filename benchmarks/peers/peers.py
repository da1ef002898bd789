"""The peers, each at the best of its documented settings for two cores."""

import json

from benchmarks.peers import messages
from benchmarks.peers.server import Server, Target

V2 = "/inference.GRPCInferenceService/ModelInfer"
MODEL = {"MODEL": "{models}/model.joblib"}


def rest(case: str, protocol: str, path: str, form: messages.Form) -> Target:
    return Target(case=case, protocol=protocol, path=path, form=form)


def grpc(case: str, protocol: str, path: str, form: messages.Form) -> Target:
    return Target(case=case, protocol=protocol, path=path, form=form, is_grpc=True, port="grpc")


def _uvicorn(app: str, workers: int) -> tuple[str, ...]:
    options = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
    command = ("{bin}/uvicorn", f"{app}:app", "--app-dir", "{apps}", "--host", "127.0.0.1", "--port", "{http}")
    return (*command, "--workers", str(workers), *options)


FASTAPI = Server(
    name="FastAPI",
    environment="fastapi",
    settings="uvicorn, two workers, uvloop, httptools, orjson; written by hand",
    commands=(_uvicorn("fastapi_app", 2),),
    env=MODEL,
    targets=(
        rest("iris", "JSON", "/predict", messages.INSTANCES),
        rest("identity", "JSON", "/identity", messages.INSTANCES),
        rest("identity", "raw bytes", "/raw", messages.RAW),
    ),
)
RAW_COPY = Server(
    name="raw copy",
    environment="fastapi",
    settings="uvicorn, one worker, uvloop, httptools, no framework; written by hand",
    commands=(_uvicorn("raw_app", 1),),
    targets=(rest("identity", "raw bytes", "/", messages.RAW),),
)


def _mlserver(name: str, settings: str, targets: tuple[Target, ...], **batching: float) -> Server:
    server = {
        "debug": False,
        "host": "127.0.0.1",
        "http_port": "{http}",
        "grpc_port": "{grpc}",
        "metrics_port": "{metrics}",
        "parallel_workers": 0,
        "gzip_enabled": False,
    }
    iris = {
        "name": "iris",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": "{models}/model.joblib"},
        **batching,
    }
    identity = {"name": "identity", "implementation": "mlserver_identity.Identity"}
    return Server(
        name=name,
        environment="mlserver",
        settings=settings,
        commands=(("{bin}/mlserver", "start", "{tmp}"),),
        env={"PYTHONPATH": "{apps}"},
        files={
            "settings.json": json.dumps(server),
            "iris/model-settings.json": json.dumps(iris),
            "identity/model-settings.json": json.dumps(identity),
        },
        targets=targets,
    )


MLSERVER_IRIS = (
    rest("iris", "v2 REST", "/v2/models/iris/infer", messages.V2_PROBABILITIES),
    grpc("iris", "v2 gRPC", V2, messages.V2_GRPC_PROBABILITIES),
)
MLSERVER = _mlserver(
    "MLServer",
    "parallel_workers 0",
    (
        *MLSERVER_IRIS,
        rest("identity", "v2 REST", "/v2/models/identity/infer", messages.V2),
        grpc("identity", "v2 gRPC, raw", V2, messages.V2_GRPC_IDENTITY),
    ),
)
MLSERVER_BATCHING = _mlserver(
    "MLServer batching",
    "parallel_workers 0, adaptive batching of up to 64 within 1 ms",
    MLSERVER_IRIS,
    max_batch_size=64,
    max_batch_time=0.001,
)


def _wrapper(unit: str, kind: str, number: str = "", workers: int = 2) -> tuple[str, ...]:
    ports = ("--http-port", f"{{http{number}}}", "--grpc-port", f"{{grpc{number}}}")
    sizes = ("--workers", str(workers), "--threads", "8", "--grpc-workers", str(workers), "--grpc-threads", "8")
    command = ("{bin}/seldon-core-microservice", f"units.{unit}", "--service-type", kind, "--log-level", "ERROR")
    return (*command, *ports, "--metrics-port", f"{{metrics{number}}}", *sizes)


SELDON = Server(
    name="seldon-core",
    environment="seldon",
    settings="microservice wrapper, two workers of eight threads, REST and gRPC",
    commands=(_wrapper("Classifier", "MODEL"),),
    env={**MODEL, "PYTHONPATH": "{apps}"},
    targets=(
        rest("iris", "seldon REST", "/predict", messages.SELDON),
        grpc("iris", "seldon gRPC", "/seldon.protos.Model/Predict", messages.SELDON_GRPC),
    ),
)
SELDON_IDENTITY = Server(
    name="seldon-core identity",
    environment="seldon",
    settings=SELDON.settings,
    commands=(_wrapper("Identity", "MODEL"),),
    env={"PYTHONPATH": "{apps}"},
    targets=(
        rest("identity", "seldon REST", "/predict", messages.SELDON),
        rest("identity", "seldon REST, tensor", "/predict", messages.SELDON_TENSOR),
        grpc("identity", "seldon gRPC", "/seldon.protos.Model/Predict", messages.SELDON_GRPC),
    ),
)
SELDON_GRAPH = Server(
    name="seldon-core graph",
    environment="seldon",
    settings="three microservices of eight threads, called by a small orchestrator that stands in for the Go executor",
    commands=(
        _wrapper("Centimetres", "TRANSFORMER", "1", workers=1),
        _wrapper("Classifier", "MODEL", "2", workers=1),
        _wrapper("Percent", "TRANSFORMER", "3", workers=1),
        ("{bin}/python", "{apps}/chain.py", "{http}", "{http1}", "{http2}", "{http3}"),
    ),
    env={**MODEL, "PYTHONPATH": "{apps}"},
    targets=(rest("graph", "seldon REST", "/api/v1.0/predictions", messages.SELDON),),
)
KSERVE = Server(
    name="KServe",
    environment="kserve",
    settings="model server, two workers",
    commands=(
        ("{bin}/python", "{apps}/kserve_app.py", "--http_port", "{http}", "--grpc_port", "{grpc}", "--workers", "2"),
    ),
    env=MODEL,
    targets=(
        rest("iris", "v1 REST", "/v1/models/iris:predict", messages.INSTANCES),
        rest("iris", "v2 REST", "/v2/models/iris/infer", messages.V2),
        grpc("iris", "v2 gRPC", V2, messages.V2_GRPC),
        rest("identity", "v1 REST", "/v1/models/identity:predict", messages.INSTANCES),
        rest("identity", "v2 REST", "/v2/models/identity/infer", messages.V2),
        rest("identity", "v2 REST, binary", "/v2/models/identity/infer", messages.V2_BINARY),
        grpc("identity", "v2 gRPC, raw", V2, messages.V2_GRPC_IDENTITY),
    ),
)
BENTOML = Server(
    name="BentoML",
    environment="bentoml",
    settings="two workers, no access log",
    commands=(
        ("{bin}/bentoml", "serve", "bento_app:Iris", "--working-dir", "{apps}", "--host", "127.0.0.1", "-p", "{http}"),
    ),
    env={**MODEL, "BENTOML_HOME": "{tmp}", "BENTOML_DO_NOT_TRACK": "True"},
    targets=(
        rest("iris", "JSON", "/predict", messages.ROWS),
        rest("identity", "JSON", "/identity", messages.ROWS),
    ),
)
LITSERVE = Server(
    name="LitServe",
    environment="litserve",
    settings="two API servers, one model worker, batches of up to 64 within 1 ms, fast queue",
    commands=(("{bin}/python", "{apps}/litserve_app.py", "{http}"),),
    env=MODEL,
    targets=(
        rest("iris", "JSON", "/predict", messages.INSTANCES),
        rest("identity", "JSON", "/identity", messages.INSTANCES),
    ),
)
RAY_CONFIG = """\
proxy_location: HeadOnly
http_options: {host: 127.0.0.1, port: {http}}
logging_config: {enable_access_log: false, log_level: ERROR}
applications: [{name: iris, route_prefix: /, import_path: "ray_app:app"}]
"""
RAY = Server(
    name="Ray Serve",
    environment="ray",
    settings="two replicas, batches of up to 64 within 1 ms, RAY_SERVE_THROUGHPUT_OPTIMIZED=1",
    commands=(("{bin}/serve", "run", "--app-dir", "{apps}", "{tmp}/ray.yaml"),),
    env={
        **MODEL,
        "PYTHONPATH": "{apps}",
        "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_TMPDIR": "{tmp}",
    },
    files={"ray.yaml": RAY_CONFIG},
    targets=(
        rest("iris", "JSON", "/predict", messages.INSTANCES),
        rest("identity", "JSON", "/identity", messages.INSTANCES),
    ),
)


def _mlflow(name: str, model: str, target: Target) -> Server:
    command = ("{bin}/mlflow", "models", "serve", "-m", f"{{models}}/{model}", "--env-manager", "local")
    return Server(
        name=name,
        environment="mlflow",
        settings="models serve, two workers",
        commands=((*command, "-h", "127.0.0.1", "-p", "{http}", "--workers", "2"),),
        env={"MLFLOW_DISABLE_TELEMETRY": "true"},
        targets=(target,),
    )


MLFLOW = _mlflow("MLflow", "iris", rest("iris", "JSON", "/invocations", messages.INPUTS))
MLFLOW_IDENTITY = _mlflow("MLflow identity", "identity", rest("identity", "JSON", "/invocations", messages.INPUTS))
PEERS = (
    FASTAPI,
    RAW_COPY,
    MLSERVER,
    MLSERVER_BATCHING,
    SELDON,
    SELDON_IDENTITY,
    SELDON_GRAPH,
    KSERVE,
    BENTOML,
    LITSERVE,
    RAY,
    MLFLOW,
    MLFLOW_IDENTITY,
)
