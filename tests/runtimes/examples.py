"""Examples of runtimes: trained as they stand, then served."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.serving import ROOT, Process, running


@contextmanager
def served_example(name: str) -> Iterator[tuple[Process, Path]]:
    """The process that serves an example, and the folder with the model that its ``train.py`` made."""
    folder = ROOT / "examples" / name
    trained = subprocess.run([sys.executable, folder / "train.py"], capture_output=True, text=True, check=False)
    assert trained.returncode == 0, trained.stderr
    assert trained.stdout.startswith(f"wrote {folder / 'model'}")
    with running(folder / f"{name}.yaml") as process:
        yield process, folder / "model"
