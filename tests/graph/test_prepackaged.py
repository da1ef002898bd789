from pathlib import Path
from typing import Any

import pytest

from infergraph.declaration import PredictiveUnit
from infergraph.errors import ArtifactError, LoadError
from infergraph.graph.prepackaged import server_of
from infergraph.runtimes.huggingface import HuggingfaceServer
from infergraph.runtimes.xgboost import XgboostServer

OWN = """
class Own:
    def __init__(self, **parameters):
        self.parameters = parameters
"""


def built(folder: Path, implementation: str, uri: str = ".", own: dict[str, str] | None = None, **given: Any) -> object:
    unit = PredictiveUnit(name="m", implementation=implementation, model_uri=uri)
    return server_of(unit, given, folder, artifacts={}, own=own or {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(OWN)
    return tmp_path


def test_ours_gets_its_files(folder: Path) -> None:
    server = built(folder, "XGBOOST_SERVER")
    assert isinstance(server, XgboostServer)
    assert server.model_uri == str(folder)


@pytest.mark.usefixtures("fresh_process")
def test_the_users_own_goes_first(folder: Path) -> None:
    server: Any = built(folder, "XGBOOST_SERVER", own={"XGBOOST_SERVER": "own:Own"}, plus=1)
    assert server.parameters == {"plus": 1, "model_uri": str(folder)}


def test_one_that_finds_its_model_itself_needs_no_files(folder: Path) -> None:
    server = built(folder, "HUGGINGFACE_SERVER", "", pretrained_model="name")
    assert isinstance(server, HuggingfaceServer)
    assert (server.model_uri, server.pretrained_model) == ("", "name")
    with pytest.raises(ArtifactError, match="modelUri is empty"):
        built(folder, "XGBOOST_SERVER", "")


def test_what_there_is_not(folder: Path) -> None:
    with pytest.raises(LoadError, match="there is no server TEMPO_SERVER here"):
        built(folder, "TEMPO_SERVER")
    with pytest.raises(
        LoadError, match="unit `m`: XGBOOST_SERVER has no parameter `methud`; it has accelerate, sha256"
    ):
        built(folder, "XGBOOST_SERVER", methud="predict")
    with pytest.raises(LoadError, match="unit `m`: the parameter accelerate is 'yes', and auto or off was expected"):
        built(folder, "XGBOOST_SERVER", accelerate="yes")
    with pytest.raises(ArtifactError, match="its SHA-256 is"):
        built(folder, "XGBOOST_SERVER", "own.py", sha256="0" * 64)
