"""`infergraph run` fetches what a modelUri names."""

from pathlib import Path

from tests.artifacts.http_store import http_store
from tests.serving import running

MANIFEST = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {{name: iris}}
spec:
  predictors:
    - name: default
      graph:
        name: classifier
        implementation: SKLEARN_SERVER
        modelUri: {uri}
        parameters: [{{name: sha256, type: STRING, value: "{sha256}"}}]
"""


def test_it_is_fetched_once_and_answers(iris_model: Path, tmp_path: Path) -> None:
    import hashlib

    content = (iris_model / "model.joblib").read_bytes()
    with http_store(**{"model.joblib": content}) as store:
        text = MANIFEST.format(uri=f"{store.url}/model.joblib", sha256=hashlib.sha256(content).hexdigest())
        (tmp_path / "iris.yaml").write_text(text)
        env = {"INFERGRAPH_CACHE_DIR": str(tmp_path / "cache")}
        with running(tmp_path / "iris.yaml", "--workers", "2", env=env) as process:
            assert process.predict().status == 200
            assert len([event for event in process.events if event["event"] == "artifact_fetching"]) == 1
        with running(tmp_path / "iris.yaml", env=env) as process:
            assert process.predict().status == 200
        assert store.sent["/model.joblib"] < len(content) + 10
    with running(tmp_path / "iris.yaml", env=env) as process:  # the store is away
        assert process.predict().status == 200
        assert any(event["event"] == "artifact_unreachable" for event in process.events)
