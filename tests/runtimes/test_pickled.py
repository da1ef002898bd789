import pickle
import warnings
from pathlib import Path
from typing import Any

import joblib
import pytest
from sklearn.naive_bayes import GaussianNB
from structlog.testing import capture_logs

from infergraph.errors import LoadError
from infergraph.runtimes.pickled import load_pickled

MODEL = GaussianNB().fit([[0.0], [1.0]], [0, 1])


class Noisy:
    """Warns while it is unpickled."""

    def __init__(self) -> None:
        self.age = 3

    def __setstate__(self, state: dict[str, Any]) -> None:
        warnings.warn("I am\nold", stacklevel=1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"is empty \(0 bytes\), and a pickled model was expected: copy it again"),
        (b"hello, world", "is not a pickle: it begins with b'hello, world'; save the model with joblib.dump"),
        (b"col1,col2\n1,2", "is not a pickle: it begins with b'col1,col2"),
        (bytes(4096), r"is not a pickle: it begins with b'\\x00"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer .* run: git lfs pull"),
        (
            b"\x80\x04cno_such.module\nModel\n.",
            "needs the Python module no_such.module, .*: install the package that has it",
        ),
        (
            b"\x80\x04c__main__\nMyModel\n.",
            "needs MyModel, which was defined in the script that trained the model: move it to a module",
        ),
        (b"\x80\x04cmath\nno_such_name\n.", "does not load: AttributeError"),
        (b"\x80\x04cbuiltins\nint\n(Vabc\ntR.", "does not load: ValueError: invalid literal"),
        (b"\x80\x04\xff.", "does not load: KeyError: 255"),
    ],
)
def test_broken_files(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "model.joblib"
    file.write_bytes(content)
    with pytest.raises(LoadError, match=f"^model.joblib {message}") as caught:
        load_pickled(file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("compress", [0, "zlib", "gzip", "bz2", "xz", "lzma"])
@pytest.mark.parametrize("part", [0.02, 0.5, 0.9])
def test_a_file_that_is_cut_short(compress: Any, part: float, tmp_path: Path) -> None:
    file = tmp_path / "model.joblib"
    joblib.dump(MODEL, file, compress=compress)
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(LoadError, match="is cut short or damaged: copy it again"):
        load_pickled(file)


def test_anything_that_unpickles_is_returned(tmp_path: Path) -> None:
    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps({"a": 1}))
    assert load_pickled(file).model == {"a": 1}
    assert load_pickled(file).other_version is None


def test_warnings_are_logged_and_not_raised(tmp_path: Path) -> None:
    joblib.dump(Noisy(), tmp_path / "m")
    with capture_logs() as logs:
        load_pickled(tmp_path / "m")
    assert [entry["warning"] for entry in logs] == ["I am\nold"]
