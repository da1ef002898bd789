from pathlib import Path

from tests.serving import microservice

FOLDER = Path(__file__).parent


def test_smoke() -> None:
    with microservice(FOLDER, "components:Identity", "--workers", "2") as served:
        answer = served.request("POST", "/predict", {"strData": "hi"})
        assert answer.json == {"meta": {}, "strData": "hi"}
        assert served.request("GET", "/metrics", port=served.metrics_port).status == 200
        assert served.stop() == 0
