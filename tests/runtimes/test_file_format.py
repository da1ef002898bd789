import io
import pickle
import zipfile
from pathlib import Path

import joblib
import pytest

from infergraph.runtimes import file_format
from infergraph.runtimes.file_format import FileFormat, format_of
from tests.runtimes import models

DATA = Path(__file__).parent / "data"


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", file_format.EMPTY),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", file_format.LFS_POINTER),
        (b"\n<!DOCTYPE html>\n<HTML><body>Log in</body></HTML>", file_format.WEB_PAGE),
        (b'<?xml version="1.0"?><PMML version="4.4"/>', file_format.PMML),
        (b"<?xml version='1.0'?><other/>", None),
        (pickle.dumps({"a": 1}), file_format.PICKLE),
        (b"binf\x00\x00", file_format.OLD_XGBOOST),
        (b'{"learner":{"attributes":{}}}', file_format.XGBOOST),
        (b'{"ctr_data":{},"features_info":{}}', file_format.CATBOOST),
        (b'{"a":1}', None),
        (b"CBM1\x80?\x00\x00", file_format.CATBOOST),
        (b"\x89HDF\r\n\x1a\n", file_format.KERAS),
        (b"\x08\x01\x12\xfa\x05\n", file_format.SAVED_MODEL),
        (b"\x1c\x00\x00\x00TFL3\x14\x00", file_format.TFLITE),
        (b'\x40\x00\x00\x00\x00\x00\x00\x00{"weight":{"dtype"', file_format.SAFETENSORS),
        (b"GGUF\x03\x00\x00\x00", file_format.GGUF),
        (b"hello, world", None),
        (zipped("schema.json", "1.npy"), file_format.SKOPS),
        (zipped("m/code/__torch__.py", "m/data.pkl"), file_format.TORCHSCRIPT),
        (zipped("m/models/model.json", "m/data/weights/weight_0"), file_format.TORCH_EXPORT),
        (zipped("archive/data.pkl", "archive/data/0"), file_format.TORCH_WEIGHTS),
        (zipped("metadata.json", "config.json", "model.weights.h5"), file_format.KERAS),
        (zipped("readme.txt"), None),
        (zipped("m/models/model.json")[:-30] + zipped("m/data.pkl"), file_format.BROKEN_ZIP),
        (b"PK\x03\x04 and no more", file_format.BROKEN_ZIP),
    ],
)
def test_contents(content: bytes, expected: FileFormat | None, tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(content)
    assert format_of(tmp_path / "model") is expected


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("XGBOOST_SERVER", file_format.XGBOOST),
        ("LIGHTGBM_SERVER", file_format.LIGHTGBM),
        ("ONNX_SERVER", file_format.ONNX),
    ],
)
def test_what_the_frameworks_write(server: str, expected: FileFormat, tmp_path: Path) -> None:
    name, save = models.SAVED[server]
    save(tmp_path / name)
    assert format_of(tmp_path / name) is expected
    assert expected.server == server


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)])
def test_joblib_files_are_pickles(compress: object, tmp_path: Path) -> None:
    joblib.dump({"a": 1}, tmp_path / "m", compress=compress)
    assert format_of(tmp_path / "m") is file_format.PICKLE


def test_xgboosts_own_old_file() -> None:
    assert format_of(DATA / "stump-2.1.4.bst") is file_format.OLD_XGBOOST
