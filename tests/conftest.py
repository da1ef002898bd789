"""What many tests share: a real model, trained once."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def iris_model() -> Path:
    """The folder with the example's iris model; trained when it is not there."""
    folder = ROOT / "examples/iris/model"
    if not (folder / "model.joblib").exists():
        subprocess.run([sys.executable, ROOT / "examples/iris/train.py"], check=True, capture_output=True)
    return folder
