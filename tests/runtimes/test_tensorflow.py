"""What TENSORFLOW_SERVER says without TensorFlow; what it does with it is tried where that is installed."""

import sys
from pathlib import Path
from typing import Any

import pytest

from infergraph.errors import ArtifactError, LoadError
from infergraph.runtimes.tensorflow import TensorflowServer
from tests.runtimes.test_tensorflow_folder import saved


@pytest.mark.parametrize("name", ["rest_endpoint", "grpc_endpoint"])
def test_a_running_tensorflow_serving_is_not_called(name: str) -> None:
    endpoint: Any = {name: "127.0.0.1:2001"}
    with pytest.raises(
        LoadError, match=f"^{name}: a running TensorFlow Serving is not called by TENSORFLOW_SERVER; leave"
    ):
        TensorflowServer("model", **endpoint)
    with pytest.raises(TypeError, match="unexpected parameters: methud"):
        TensorflowServer("model", methud="predict")


def test_the_package_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "2")
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    saved(tmp_path / "1")
    with pytest.raises(LoadError, match=r'needs tensorflow: pip install "infergraph\[tensorflow\]"'):
        TensorflowServer(str(tmp_path)).load()


def test_there_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model.h5").touch()
    with pytest.raises(ArtifactError, match=r"no SavedModel in .*, and the folder holds model\.h5"):
        TensorflowServer(str(tmp_path)).load()
