import pickle
from pathlib import Path
from typing import Any

import joblib
import pytest
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from infergraph.runtimes.made_with import MadeWith, find_version

DATA = Path(__file__).parent / "data"
BAYES = GaussianNB().fit([[0.0], [1.0]], [0, 1])
FOREST = RandomForestClassifier(3).fit([[0.0], [1.0]], [0, 1])
PIPELINE = make_pipeline(StandardScaler(), GaussianNB()).fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize("file", [*DATA.glob("*.joblib"), *DATA.glob("*.pkl")], ids=lambda file: file.name)
def test_files_of_older_versions(file: Path) -> None:
    assert find_version(file) == file.stem.split("-")[1]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("model", [BAYES, FOREST, PIPELINE], ids=lambda model: type(model).__name__)
def test_every_protocol(model: Any, protocol: int, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(pickle.dumps(model, protocol=protocol))
    assert find_version(tmp_path / "m") == sklearn.__version__


@pytest.mark.parametrize("compress", [0, "zlib", "gzip", "bz2", "xz", "lzma"])
def test_every_compression(compress: Any, tmp_path: Path) -> None:
    joblib.dump(PIPELINE, tmp_path / "m", compress=compress)
    assert find_version(tmp_path / "m") == sklearn.__version__


def test_a_version_between_two_chunks(tmp_path: Path) -> None:
    for before in range((1 << 16) - 40, 1 << 16):
        (tmp_path / "m").write_bytes(bytes(before) + b"_sklearn_version\x94\x8c\x061.2rc1q")
        assert find_version(tmp_path / "m") == "1.2rc1"


@pytest.mark.parametrize(
    "content", [b"", b"text", b"x_sklearn_version", b"\x78\x9cgarbage", b"_sklearn_version\x94K\x01"]
)
def test_no_version(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(content)
    assert find_version(tmp_path / "m") is None


def test_nothing_in_the_file_runs(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"\x80\x04cbuiltins\nexit\n(tR." + b"_sklearn_version\x94\x8c\x051.0.0")
    assert find_version(tmp_path / "m") == "1.0.0"


def test_the_sentence() -> None:
    assert str(MadeWith("model.joblib", "1.2.2", "1.9.1")) == (
        "model.joblib was made with scikit-learn 1.2.2, and 1.9.1 is installed here; "
        'install the same one: pip install "scikit-learn==1.2.2"'
    )
