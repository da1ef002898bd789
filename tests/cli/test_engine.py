"""`infergraph engine` as the v1 operator starts it: its flags, its environment, its end."""

import base64
import http.client
import json
import signal
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme

from tests.local.manifests import predictor, write
from tests.serving import Answer, Process, ended, microservice, until_ready
from tests.stubs import rows, seldon

# In the order in which the operator says them (SELDON_V1 §2.5), on free ports.
OPERATORS = (
    *("--sdep", "iris", "--namespace", "shop", "--predictor", "main", "--http_port", "0", "--grpc_port", "0"),
    *("--protocol", "seldon", "--transport", "rest", "--prometheus_path", "/prom", "--server_type", "rpc"),
    *("--log_work_buffer_size", "10000", "--log_write_timeout_ms", "2000", "--full_health_checks=false"),
)
AB_TEST = {"name": "ab", "implementation": "RANDOM_ABTEST", "type": "UNKNOWN_TYPE"}
CHILDREN = [{"name": name, "implementation": "SIMPLE_MODEL", "type": "MODEL"} for name in ("a", "b")]
GRAPH = {"name": "main", "graph": {**AB_TEST, "children": CHILDREN}, "annotations": {"version": "v7"}}


def encoded(graph: Any) -> str:
    return base64.b64encode(json.dumps(graph).encode()).decode()


@contextmanager
def engine(*arguments: str | Path, env: Mapping[str, str] | None = None) -> Iterator[Process]:
    """`infergraph engine` with the operator's flags and more, ready, ended with the block whatever happens."""
    process = Process((*OPERATORS, *map(str, arguments)), env or {}, command="engine")
    with until_ready(process):
        yield process


def failing(*arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """How an engine ends that cannot start."""
    with ended(Process(arguments, env or {}, command="engine")) as process:
        return process.wait(), process.errors


def test_the_operators_predictor_is_served() -> None:
    with engine(env={"ENGINE_PREDICTOR": encoded(GRAPH)}) as process:
        answer = process.predict(headers={"Seldon-Puid": "p1", "Ce-Specversion": "0.3"})
        assert answer.status == 200
        assert answer.json["meta"]["routing"]["ab"] in (0, 1)
        assert answer.headers["seldon-puid"] == "p1"
        assert answer.headers["ce-type"] == "seldon.iris.shop.response"
        assert process.request("GET", "/ready").status == 200
        assert process.request("POST", "/v2/models/a/infer", V2).status == 200
        metadata = process.request("GET", "/api/v1.0/metadata").json
        assert (metadata["name"], sorted(metadata["models"])) == ("main", ["a", "ab", "b"])
        page = process.request("GET", "/prom").body.decode()
        labels = (
            'deployment_name="iris",method="post",predictor_name="main",predictor_version="v7",service="predictions"'
        )
        assert f'seldon_api_executor_server_requests_seconds_count{{code="200",{labels}}} 2.0' in page
        assert f'seldon_api_executor_server_requests_seconds_summary_count{{code="200",{labels}}} 2.0' in page
        assert process.stop() == 0


V2 = {"inputs": [{"name": "x", "datatype": "FP64", "shape": [1, 2], "data": [1.0, 2.0]}]}


def test_workers_serve_it_too() -> None:
    with engine("--workers", "2", env={"ENGINE_PREDICTOR": encoded(GRAPH)}) as process:
        assert process.predict().status == 200
        assert b"seldon_api_executor_server_requests_seconds_bucket" in process.request("GET", "/prom").body
        assert process.stop() == 0


def test_a_file_goes_before_the_variable_and_the_pods_annotations_count(tmp_path: Path) -> None:
    path = write(tmp_path, predictor("main", "Held"))
    annotations = tmp_path / "annotations"
    annotations.write_text('other="a=b=c"\nseldon.io/rest-timeout="50"\n')
    variables = {"ENGINE_PREDICTOR": "no", "INFERGRAPH_POD_ANNOTATIONS": str(annotations)}
    with engine("--file", path, env=variables) as process:
        assert process.predict().status == 504
        (tmp_path / "go").touch()


def asked(process: Process, answers: list[Answer]) -> threading.Thread:
    thread = threading.Thread(target=lambda: answers.append(process.predict()))
    thread.start()
    return thread


def begun(process: Process) -> None:
    """Until a request is in the graph."""
    while b'infergraph_requests_in_flight{deployment_name="iris"} 1.0' not in process.request("GET", "/metrics").body:
        pass


@pytest.mark.parametrize("workers", [(), ("--workers", "1")], ids=["one process", "a worker"])
def test_what_runs_is_answered_when_it_is_told_to_go(tmp_path: Path, workers: tuple[str, ...]) -> None:
    path, answers = write(tmp_path, predictor("main", "Held")), list[Answer]()
    with engine("--file", path, *workers) as process:
        thread = asked(process, answers)
        begun(process)
        process.process.send_signal(signal.SIGTERM)
        process.wait_for("draining")
        (tmp_path / "go").touch()
        assert process.wait() == 0
        thread.join()
    assert [answer.status for answer in answers] == [200]


@pytest.mark.parametrize("workers", [(), ("--workers", "1")], ids=["one process", "a worker"])
def test_what_takes_longer_than_the_grace_is_refused(tmp_path: Path, workers: tuple[str, ...]) -> None:
    path, answers = write(tmp_path, predictor("main", "Held")), list[Answer]()
    with engine("--file", path, "--graceful_timeout", "200ms", *workers) as process:
        thread = asked(process, answers)
        begun(process)
        assert process.stop() == 1
        thread.join()
    assert [answer.status for answer in answers] == [503]


@pytest.mark.parametrize("workers", [(), ("--workers", "1")], ids=["one process", "a worker"])
def test_in_the_delay_before_the_end_it_goes_on_until_told_again(tmp_path: Path, workers: tuple[str, ...]) -> None:
    path = write(tmp_path, predictor("main", "Echo"))
    with engine("--file", path, "--shutdown_delay", "1h", *workers) as process:
        process.process.send_signal(signal.SIGTERM)
        assert process.wait_for("going")["seconds"] == 3600
        assert process.request("GET", "/ready").status == 200
        assert process.predict().status == 200
        assert process.stop() == 1  # as after any second signal


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Required argument sdep missing"),
        (("--sdep", "a"), "Required argument namespace missing"),
        (("--sdep", "a", "--namespace", "b"), "Required argument predictor missing"),
        (OPERATORS, "Predictor not found, enviroment variable ENGINE_PREDICTOR not set"),
        ((*OPERATORS, "--protocol", "soap"), "Protocol must be seldon, tensorflow or v2, got --protocol soap"),
        ((*OPERATORS, "--transport", "post"), "Only rest and grpc supported, got --transport post"),
        ((*OPERATORS, "--server_type", "kafka"), "there is no Kafka server here"),
        ((*OPERATORS, "--server_type=kafka", "--kafka_broker", "b:9092"), "there is no Kafka server here"),
        ((*OPERATORS, "--server_type=kafka", "--kafka_full_graph", "--kafka_auto_commit=false"), "there is no Kafka"),
        ((*OPERATORS, "--config", "engine.yaml"), "Predictor not found"),
        ((*OPERATORS, "--prometheus_path", "prom"), "expected a path that begins with /"),
        ((*OPERATORS, "--file", "graph.txt"), "Unsupported file type .txt"),
        ((*OPERATORS, "--htp_port", "1"), "No such option"),
    ],
)
def test_what_cannot_be_started_is_told(arguments: tuple[str, ...], told: str) -> None:
    code, errors = failing(*arguments)
    assert code in (1, 2)
    assert told in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("workers", [(), ("--workers", "1")], ids=["one process", "a worker"])
def test_with_a_certificate_both_ports_speak_tls(tmp_path: Path, workers: tuple[str, ...]) -> None:
    ca = trustme.CA()
    one = ca.issue_cert("localhost", "127.0.0.1")
    one.private_key_pem.write_to_path(tmp_path / "tls.key")
    one.cert_chain_pems[0].write_to_path(tmp_path / "tls.crt")
    env = {"ENGINE_PREDICTOR": encoded(GRAPH), "SELDON_CERT_MOUNT_PATH": f"{tmp_path}/"}
    with engine(*workers, env=env) as process:
        context = ssl.create_default_context()
        ca.configure_trust(context)
        connection = http.client.HTTPSConnection("127.0.0.1", process.port, context=context, timeout=30)
        connection.request("POST", "/api/v1.0/predictions", json.dumps({"data": {"ndarray": [[1.0]]}}))
        assert connection.getresponse().status == 200
        connection.close()
        credentials = grpc.ssl_channel_credentials(ca.cert_pem.bytes())
        with grpc.secure_channel(process.grpc, credentials) as channel:
            assert seldon(channel).Predict(rows([1.0]), timeout=30).meta.routing["ab"] in (0, 1)
        assert process.events[0]["url"].startswith("https://")
        assert process.stop() == 0


def test_a_certificate_that_is_not_there_is_told() -> None:
    code, errors = failing(*OPERATORS, env={"SELDON_CERT_MOUNT_PATH": "/nowhere", "ENGINE_PREDICTOR": encoded(GRAPH)})
    assert code == 1
    assert "TLS: cannot use the certificate /nowhere/tls.crt with the key /nowhere/tls.key: No such file" in errors


def test_routing_is_told_of_every_unit_where_the_environment_asks_for_it() -> None:
    env = {"ENGINE_PREDICTOR": encoded(GRAPH), "SELDON_ENABLE_ROUTING_INJECTION": "1"}
    with engine(env=env) as process:
        routing = process.predict().json["meta"]["routing"]
        chosen = ("a", "b")[routing["ab"]]
        assert routing == {"ab": routing["ab"], chosen: -1}


def test_a_unit_in_a_container_of_its_own_is_called_there(tmp_path: Path) -> None:
    (tmp_path / "my.py").write_text(COMPONENT)
    with microservice(tmp_path, "my:Mean", "--grpc-workers", "0") as component:
        endpoint = {"service_host": "localhost", "service_port": component.port, "httpPort": component.port}
        graph = {
            "name": "main",
            "graph": {"name": "model", "type": "MODEL", "endpoint": endpoint},
            "componentSpecs": [{"spec": {"containers": [{"name": "model", "image": "img:1.0"}]}}],
        }
        with engine(env={"ENGINE_PREDICTOR": encoded(graph)}) as process:
            answer = process.predict(
                {"data": {"names": ["a", "b"], "ndarray": [[1.0, 3.0]]}, "meta": {"tags": {"t": 1}}}
            )
            assert answer.json == {"data": {"names": ["mean"], "ndarray": [[2.0]]}, "meta": {"tags": {"t": 1}}}
            wrong = process.predict({"data": {"ndarray": [["x"]]}})
            assert (wrong.status, wrong.json["status"]["code"]) == (500, -1)  # as the component says it
            metadata = process.request("GET", "/api/v1.0/metadata/model").json
            assert (metadata["name"], metadata["platform"]) == ("mean of rows", "numpy")
            status = process.request("GET", "/api/v1.0/health/status")
            assert status.status == 200
            component.process.kill()
            assert process.wait_for("units_unreachable")["units"] == [f"model (localhost:{component.port})"]
            assert process.request("GET", "/ready").status == 503
            gone = process.predict({"data": {"ndarray": [[1.0]]}})
            assert (gone.status, gone.json["status"]["reason"]) == (503, "COMPONENT_UNREACHABLE")


COMPONENT = """
class Mean:
    def predict(self, X, names):
        return X.astype(float).mean(axis=1, keepdims=True)

    def class_names(self):
        return ["mean"]

    def init_metadata(self):
        return {"name": "mean of rows", "platform": "numpy"}
"""


def test_the_operators_flags_need_no_command() -> None:
    for command, arguments in (("--sdep", ("iris", "--namespace", "shop")), ("-sdep=iris", ("-namespace=shop",))):
        process = Process(arguments, {}, command=command)
        assert (process.wait(), process.errors) == (
            1,
            "infergraph: Required argument predictor missing: say --predictor NAME\n",
        )
