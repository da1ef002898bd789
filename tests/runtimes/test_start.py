"""A model that does not load ends the start with one sentence, and a bad request is the caller's mistake."""

from pathlib import Path

import pytest
import yaml

from tests.runtimes.models import SAVED
from tests.serving import failing, running


def manifest(folder: Path, server: str, uri: str = "./model") -> Path:
    """A manifest of one model."""
    graph = {"name": "m", "implementation": server, "modelUri": uri}
    kind = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment", "metadata": {"name": "d"}}
    path = folder / "d.yaml"
    path.write_text(yaml.safe_dump({**kind, "spec": {"predictors": [{"name": "p", "graph": graph}]}}))
    return path


@pytest.mark.parametrize("server", sorted(SAVED))
def test_a_broken_file_is_one_line_on_stderr(server: str, tmp_path: Path) -> None:
    name, save = SAVED[server]
    (tmp_path / "model").mkdir()
    save(tmp_path / "model" / name)
    content = (tmp_path / "model" / name).read_bytes()
    (tmp_path / "model" / name).write_bytes(content[: len(content) // 2])
    code, errors = failing(manifest(tmp_path, server), "--port", "0")
    assert (code, errors.count("\n")) == (1, 1)
    assert errors.startswith(f"infergraph: unit `m`: {name} is cut short or damaged: copy it again (")


@pytest.mark.parametrize("server", sorted(SAVED))
def test_a_wrong_number_of_features_is_a_400_and_the_next_request_is_answered(server: str, tmp_path: Path) -> None:
    name, save = SAVED[server]
    (tmp_path / "model").mkdir()
    save(tmp_path / "model" / name)
    with running(manifest(tmp_path, server)) as process:
        bad = process.predict({"data": {"ndarray": [[1, 2, 3]]}})
        assert (bad.status, bad.json["status"]["reason"]) == (400, "MICROSERVICE_BAD_DATA")
        assert "3" in bad.json["status"]["info"]
        words = process.predict({"data": {"ndarray": [["a", "b", "c", "d"]]}})
        assert (words.status, "'a'" in words.json["status"]["info"]) == (400, True)
        assert process.predict().status == 200
