"""The metrics of a real process, read as Prometheus reads them."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.local.manifests import predictor, write
from tests.serving import ROWS, Process, running
from tests.stubs import rows, seldon
from tests.telemetry.promlint import problems
from tests.telemetry.scraping import OPENMETRICS, Scrape

SERVER = "seldon_api_executor_server_requests_seconds"
CLIENT = "seldon_api_executor_client_requests_seconds"
V2 = {"inputs": [{"name": "x", "shape": [2, 1], "datatype": "FP64", "data": [1, 2]}]}
FEEDBACK = {
    "request": ROWS,
    "truth": {"data": {"ndarray": [[1]]}},
    "response": {"meta": {"routing": {"infergraph.io/predictor": 1}}},
    "reward": 0.75,
}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Two predictors, each with half of the traffic, and what was asked of them."""
    predictors = [
        predictor("main", "Telling", traffic=50, annotations={"version": "v7"}, labels={"version": "l7"}),
        predictor("canary", "Learning", traffic=50),
    ]
    with running(write(tmp_path_factory.mktemp("metrics"), *predictors, name="shop")) as process:
        for _ in range(10):
            assert process.predict().status == 200
        assert process.predict({"data": {"ndarray": "no"}}).status == 400
        assert process.request("POST", "/v2/models/shop/infer", V2).status == 200
        assert process.request("POST", "/v1/models/shop:predict", {"instances": [[1, 2]]}).status == 200
        assert process.request("POST", "/api/v1.0/feedback", FEEDBACK).status == 200
        with grpc.insecure_channel(process.grpc) as channel:
            seldon(channel).Predict(rows([1.0]))
            with pytest.raises(grpc.RpcError):
                seldon(channel).Predict(rows([1.0]), metadata=(("seldon", "nobody"),))
        for number in range(20):
            assert process.request("GET", f"/no/such/path/{number}").status == 404
            assert process.request("GET", f"/v2/models/nobody{number}").status == 404
            assert process.request(f"M{number}", "/api/v1.0/predictions").status in (400, 405)
        yield process


@pytest.fixture
def scraped(process: Process) -> Scrape:
    return Scrape(process.request("GET", "/metrics").body.decode())


def test_every_path_has_its_service(scraped: Scrape) -> None:
    answered = [
        scraped.value(f"{SERVER}_count", service="predictions", method="post", code="200", predictor_name=name)
        for name in ("main", "canary")
    ]
    assert answered == [6, 6]
    assert scraped.value(f"{SERVER}_count", service="predictions", code="400", predictor_version="v7") == 1
    assert scraped.value(f"{SERVER}_count", service="feedback", predictor_name="canary", code="200") == 1
    grpc_labels = {"service": "/seldon.protos.Seldon/Predict", "method": "unary", "code": "OK"}
    assert scraped.value(f"{SERVER}_count", **grpc_labels, deployment_name="shop") == 1


def test_every_unit_has_its_calls(scraped: Scrape) -> None:
    model = {"model_name": "model", "model_image": "img", "model_version": "1.0", "method": "post", "code": "200"}
    calls = [
        scraped.value(f"{CLIENT}_count", **model, service="/predict", predictor_name=name)
        for name in ("main", "canary")
    ]
    assert sum(calls) == 13
    assert scraped.value(f"{CLIENT}_count", **model, service="/send-feedback", predictor_name="canary") == 1
    assert scraped.value("infergraph_model_load_seconds", predictor_name="main") > 0


def test_stages_and_sizes(scraped: Scrape) -> None:
    stages = {
        stage: scraped.value("infergraph_stage_seconds_count", stage=stage)
        for stage in ("parse", "queue", "batch", "compute", "encode")
    }
    assert stages == {"parse": 13, "queue": 14, "batch": 0, "compute": 14, "encode": 13}
    assert scraped.value("infergraph_stage_seconds_sum", stage="compute") > 0
    assert scraped.value("infergraph_batch_rows_sum", predictor_name="main") >= 6
    assert scraped.value("infergraph_requests_in_flight", deployment_name="shop") == 0
    assert scraped.value("infergraph_queue_depth", predictor_name="main") == 0


def test_components_report(scraped: Scrape) -> None:
    labels = {"method": "predict", "model_name": "model", "predictor_version": "l7", "image_name": "img"}
    calls = scraped.value(f"{CLIENT}_count", service="/predict", predictor_name="main")
    assert scraped.value("n_total", **labels) == 2 * calls
    assert scraped.value("t_count", **labels, x="y") == calls
    assert scraped.value("seldon_api_model_feedback_total", predictor_name="canary", method="feedback") == 1
    assert scraped.value("seldon_api_model_feedback_reward_total", predictor_name="canary") == 0.75


def test_what_callers_invent_is_no_label(scraped: Scrape) -> None:
    assert scraped.value("infergraph_refusals_total", deployment_name="", reason="NOT_FOUND") == 41
    assert scraped.value("infergraph_refusals_total", deployment_name="shop", reason="MICROSERVICE_BAD_DATA") == 1
    for invented in ("nobody", "such", "M1"):
        assert invented not in scraped.text


def test_statistics_of_the_v2_protocol_are_the_same_measurement(process: Process, scraped: Scrape) -> None:
    (stats,) = process.request("GET", "/v2/models/shop/stats").json["model_stats"]
    counted = scraped.value("infergraph_graph_seconds_count", outcome="success")
    assert stats["inference_stats"]["success"]["count"] == counted == 13
    seconds = scraped.value("infergraph_graph_seconds_sum", outcome="success")
    assert stats["inference_stats"]["success"]["ns"] == pytest.approx(seconds * 1e9)


@pytest.mark.parametrize("path", ["/metrics", "/prometheus"])
def test_get_and_head_and_nobody_elses_page(process: Process, path: str) -> None:
    got, head = process.request("GET", path), process.request("HEAD", path)
    assert (got.status, head.status, head.body) == (200, 200, b"")
    assert got.headers["content-type"].startswith("text/plain; version=0.0.4")
    for answer in (got, head, process.request("OPTIONS", path)):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert process.request("POST", path, {}).status == 405


def test_openmetrics(process: Process) -> None:
    answer = process.request("GET", "/metrics", headers={"Accept": OPENMETRICS})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert Scrape(answer.body.decode(), is_openmetrics=True).value(f"{SERVER}_count", service="feedback") == 1


def test_the_summaries_of_v1_are_where_its_operator_looks(process: Process, scraped: Scrape) -> None:
    v1 = Scrape(process.request("GET", "/prometheus").body.decode())
    assert v1.value(f"{SERVER}_summary_count", service="feedback") == 1
    assert v1.value(f"{SERVER}_summary_sum", service="feedback") == scraped.value(f"{SERVER}_sum", service="feedback")
    assert "_summary" not in scraped.text


def test_the_lint_of_prometheus_has_nothing_to_say(scraped: Scrape) -> None:
    assert [problem for family in scraped.families for problem in problems(family)] == []


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
def test_promtool_has_nothing_to_say(scraped: Scrape) -> None:
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=scraped.text, capture_output=True, text=True, timeout=30, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_requests_that_end_before_the_application_are_counted(tmp_path: Path) -> None:
    with running(write(tmp_path, predictor("p", "Echo")), "--header-count", "20") as process:
        many = {f"X-{number}": "1" for number in range(30)}
        assert process.request("GET", "/live", headers=many).status == 431
        scraped = Scrape(process.request("GET", "/metrics").body.decode())
        assert scraped.value("infergraph_refusals_total", deployment_name="", reason="HEADERS_TOO_LARGE") == 1
        assert process.stop() == 0
