import http.client
import json
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from infergraph.cli.main import main
from tests.gateway.gateways import before, flag, gateway, serving
from tests.local.steady_load import BODY, HEADERS
from tests.ports import free_port
from tests.serving import Process

V2 = {"inputs": [{"name": "x", "datatype": "FP64", "shape": [1, 1], "data": [1.0]}]}


@pytest.fixture(scope="module")
def predictors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Process]]:
    with serving(tmp_path_factory.mktemp("gateway"), "main", "canary") as found:
        yield found


@pytest.fixture(scope="module")
def split(predictors: dict[str, Process]) -> Iterator[Process]:
    """75 and 25 per cent."""
    shares = {"main": 75, "canary": 25}
    with gateway(*(f"--to={flag(name, one, shares[name])}" for name, one in predictors.items())) as process:
        yield process


def who(process: Process, **headers: str) -> tuple[str, str]:
    """Who answers a prediction, by what it says and by the header."""
    answer = process.predict(headers=headers)
    assert answer.status == 200
    return answer.json["data"]["ndarray"][0][0], answer.headers["infergraph-predictor"]


def test_each_predictor_has_exactly_its_share(split: Process) -> None:
    answers = [who(split) for _ in range(200)]
    assert Counter(answers) == {("main", "main"): 150, ("canary", "canary"): 50}


def test_the_long_address_is_passed_on_too(split: Process) -> None:
    assert split.predict(prefix="/seldon/default/test").status == 200


def test_feedback_goes_to_who_answered(split: Process) -> None:
    assert {who(split, **{"Infergraph-Predictor": "canary"}) for _ in range(5)} == {("canary", "canary")}


def test_a_predictor_that_is_not_there_is_the_callers_mistake(split: Process) -> None:
    refused = split.predict(headers={"Infergraph-Predictor": "third"})
    assert refused.status == 400
    assert "one of main, canary, got 'third'" in refused.json["status"]["info"]


def test_answers_are_passed_on_as_they_are(split: Process, predictors: dict[str, Process]) -> None:
    """Every method, status, header and body; only the connection's own headers and the id are others."""
    for method, path, body in [
        ("POST", "/api/v1.0/predictions", b"{"),
        ("POST", "/v2/models/model/infer", json.dumps(V2).encode()),
        ("GET", "/v2/models/model/ready", None),
        ("GET", "/nowhere?a=b%2Fc", None),
        ("OPTIONS", "/api/v1.0/predictions", None),
        ("GET", "/ready", None),
        ("DELETE", "/api/v1.0/predictions", None),
    ]:
        wish = {"Infergraph-Predictor": "main", "Seldon-Puid": "p1", "Ce-Specversion": "0.3"}
        through, direct = split.request(method, path, body, wish), predictors["main"].request(method, path, body, wish)
        assert (through.status, through.body) == (direct.status, direct.body), path
        own = {"date", "infergraph-predictor", "connection"}
        assert {k: v for k, v in through.headers.items() if k not in own} == {
            k: v for k, v in direct.headers.items() if k not in own
        }


def test_head_has_no_body(split: Process) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", split.port, timeout=30)
    for _ in range(2):  # on one connection: what follows is not taken for a body
        connection.request("HEAD", "/ready")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
    connection.close()


def test_a_request_without_an_id_gets_one(split: Process) -> None:
    assert len(split.predict().headers["seldon-puid"]) == 36


def test_a_large_body_passes_and_one_over_the_limit_does_not(predictors: dict[str, Process]) -> None:
    with gateway("--to", flag("main", predictors["main"], 100), "--body-bytes", "2000000") as process:
        rows = {"data": {"ndarray": [[1.0] * 100_000]}}
        assert process.predict(rows).status == 200
        refused = process.predict(b"x" * 2_000_001)
        assert refused.status == 413
        assert process.predict().status == 200


def test_nobody_there_is_a_503_that_names_the_predictor(predictors: dict[str, Process]) -> None:
    nowhere = f"gone=127.0.0.1:{free_port()}:1@50"
    with gateway("--to", flag("main", predictors["main"], 50), "--to", nowhere) as process:
        statuses = Counter(process.predict().status for _ in range(10))
        assert statuses == {200: 5, 503: 5}
        refused = process.predict(headers={"Infergraph-Predictor": "gone"})
        assert refused.json["status"]["reason"] == "COMPONENT_UNREACHABLE"
        assert "predictor gone cannot be reached" in refused.json["status"]["info"]
        v2 = process.request("POST", "/v2/models/model/infer", V2, {"Infergraph-Predictor": "gone"})
        assert "predictor gone cannot be reached" in v2.json["error"]


def test_its_own_health(split: Process) -> None:
    assert split.request("GET", "/gateway/live").body == b"alive"


def test_a_shadow_gets_copies_that_nobody_waits_for(tmp_path: Path, predictors: dict[str, Process]) -> None:
    with serving(tmp_path, "copies", component="Noting") as shadows:
        shadow = flag("copies", shadows["copies"], 100)
        with gateway("--to", flag("main", predictors["main"], 100), "--shadow", shadow) as process:
            assert {who(process) for _ in range(5)} == {("main", "main")}
            assert process.stop(signal.SIGTERM) == 0
        notes = (tmp_path / "copies/noted").read_text().splitlines()
        assert notes == ["[[5.1, 3.5, 1.4, 0.2]]"] * 5


def test_a_shadow_that_is_gone_harms_nobody(predictors: dict[str, Process]) -> None:
    gone = f"copies=127.0.0.1:{free_port()}:1@100"
    with gateway("--to", flag("main", predictors["main"], 100), "--shadow", gone) as process:
        assert {who(process) for _ in range(5)} == {("main", "main")}
        assert "copies cannot be reached" in process.wait_for("shadow_failed")["error"]


def test_the_end_finishes_what_runs(tmp_path: Path) -> None:
    with serving(tmp_path, "held", component="Held") as held, before(held) as process:
        connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=30)
        connection.request("POST", "/api/v1.0/predictions", BODY, HEADERS)
        process.process.send_signal(signal.SIGTERM)
        process.wait_for("draining")
        (tmp_path / "held/go").touch()
        assert connection.getresponse().status == 200
        assert process.wait() == 0
        connection.close()


def test_a_mistake_on_the_command_line_is_one_sentence() -> None:
    process = Process(("--to", "main"), {}, command="gateway")
    assert process.wait() == 1
    assert process.errors.startswith("infergraph: expected NAME=HOST:HTTP_PORT:GRPC_PORT@PERCENT")


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("infergraph.gateway")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    done = CliRunner().invoke(main, ["gateway", "--to", "a=h:1:1@100"])
    assert "pip install 'infergraph[grpc,remote]'" in done.stderr
