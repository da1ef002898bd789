"""What TENSORFLOW_SERVER says without TensorFlow; what it does with it is tried where that is installed."""

import sys
from pathlib import Path

import pytest

from infergraph.errors import ArtifactError, LoadError
from infergraph.runtimes.tensorflow import TensorflowServer
from tests.runtimes.test_tensorflow_folder import saved


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
