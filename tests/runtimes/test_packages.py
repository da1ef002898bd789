"""Each server whose package is heavy names the extra that brings it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infergraph.errors import LoadError
from infergraph.runtimes.catalog import runtime_class


def mlmodel(folder: Path) -> None:
    (folder / "MLmodel").write_text("flavors: {python_function: {}}")


def transformers(folder: Path) -> None:
    (folder / "config.json").write_text('{"architectures": ["XForMaskedLM"]}')
    (folder / "model.safetensors").touch()
    (folder / "tokenizer.json").touch()


@pytest.mark.parametrize(
    ("server", "module", "extra", "write"),
    [
        ("CATBOOST_SERVER", "catboost", "catboost", lambda folder: (folder / "model.cbm").write_bytes(b"CBM1")),
        ("MLFLOW_SERVER", "mlflow.pyfunc", "mlflow", mlmodel),
        ("TORCH_SERVER", "torch", "torch", lambda folder: (folder / "model.pt").write_bytes(b"PK")),
        ("HUGGINGFACE_SERVER", "torch", "huggingface", transformers),
    ],
)
def test_a_package_that_is_missing(
    server: str,
    module: str,
    extra: str,
    write: Callable[[Path], object],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name in (module, module.partition(".")[0]):
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("MLFLOW_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_OFFLINE"):
        monkeypatch.setenv(name, "1")
    write(tmp_path)
    with pytest.raises(LoadError, match=rf'^{server} needs {module}: pip install "infergraph\[{extra}\]" \('):
        runtime_class(server)(model_uri=str(tmp_path)).load()
