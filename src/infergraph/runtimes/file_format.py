"""What kind of model a file is, told by its first bytes and by the names in a zip: nothing of it is loaded."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_HEAD_BYTES = 4096

# Protocol 2 and later, protocol 0, and what joblib compresses with: zlib, gzip, bz2, xz, lzma, lz4.
PICKLE_HEADS = (b"\x80", b"ccopy_reg\n", b"\x78", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x5d\x00", b"\x04\x22M\x18")


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One kind of file.

    ``name`` follows "it is" in a sentence. ``server`` is the implementation that serves it, empty when none does;
    ``advice`` says what to do then.
    """

    name: str
    server: str = ""
    advice: str = ""


EMPTY = FileFormat("empty (0 bytes)", advice="copy it again")
BROKEN_ZIP = FileFormat("a zip file that is cut short or damaged", advice="copy it again")
LFS_POINTER = FileFormat("a Git LFS pointer and not the model itself", advice="run: git lfs pull")
WEB_PAGE = FileFormat("a web page and not the model itself", advice="download it again; it may want a login")
PICKLE = FileFormat("a pickle", "SKLEARN_SERVER")
SKOPS = FileFormat("a skops file", "SKLEARN_SERVER")
XGBOOST = FileFormat("an XGBoost model", "XGBOOST_SERVER")
OLD_XGBOOST = FileFormat("a model in XGBoost's old binary format", "XGBOOST_SERVER")
LIGHTGBM = FileFormat("a LightGBM model", "LIGHTGBM_SERVER")
CATBOOST = FileFormat("a CatBoost model", "CATBOOST_SERVER")
ONNX = FileFormat("an ONNX model", "ONNX_SERVER")
TORCHSCRIPT = FileFormat("a TorchScript model", "TORCH_SERVER")
TORCH_EXPORT = FileFormat("a program of torch.export", "TORCH_SERVER")
TORCH_WEIGHTS = FileFormat(
    "a PyTorch checkpoint, which holds weights and no code",
    advice="save the model with torch.export.save or torch.jit.save",
)
SAVED_MODEL = FileFormat("the graph of a TensorFlow SavedModel", "TENSORFLOW_SERVER", "name its folder")
KERAS = FileFormat("a Keras file", advice='save the model with model.export("model/1")')
TFLITE = FileFormat("a TensorFlow Lite model")
SAFETENSORS = FileFormat(
    "a safetensors file, which holds weights and no model", "HUGGINGFACE_SERVER", "name its folder"
)
GGUF = FileFormat("a GGUF file of llama.cpp")
PMML = FileFormat("a PMML file")

_HEADS: tuple[tuple[bytes, FileFormat], ...] = (
    (b"version https://git-lfs", LFS_POINTER),
    (b"tree\n", LIGHTGBM),
    (b"tree\r\n", LIGHTGBM),
    (b"CBM1", CATBOOST),
    (b"{L\x00\x00\x00", XGBOOST),  # UBJSON, which begins with the length of the first name
    (b"binf", OLD_XGBOOST),
    (b"\x89HDF\r\n", KERAS),
    (b"GGUF", GGUF),
    (b"\x08\x01\x12", SAVED_MODEL),
    *((head, PICKLE) for head in PICKLE_HEADS),
)
_JSON_WORDS = ((b'"learner"', XGBOOST), (b'"oblivious_trees"', CATBOOST), (b'"features_info"', CATBOOST))
# ir_version of ONNX, a small number, and then one of the model's other fields.
_ONNX_HEAD = re.compile(rb"^\x08[\x01-\x20][\x12\x1a\x22\x28\x32\x3a\x42\x72]")
_ZIPS: tuple[tuple[str, FileFormat], ...] = (
    (r"schema\.json", SKOPS),
    (r"(.*/)?(models/.*\.json|serialized_exported_program\.json)", TORCH_EXPORT),
    (r".*/code/.*", TORCHSCRIPT),
    (r".*/data\.pkl", TORCH_WEIGHTS),
    (r"(model|_model)\.weights\.h5", KERAS),
)


def format_of(file: Path) -> FileFormat | None:
    """Return the kind of ``file``, None when it is none that is known here.

    :raises OSError: when it cannot be read.
    """
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(file)
    return next((found for told in _TELLERS if (found := told(head))), None)


def _by_head(head: bytes) -> FileFormat | None:
    if not head:
        return EMPTY
    return next((found for start, found in _HEADS if head.startswith(start)), None)


def _by_content(head: bytes) -> FileFormat | None:
    text = head.lstrip()
    if text[:1] == b"{":
        return next((found for word, found in _JSON_WORDS if word in text), None)
    if text[:1] == b"<":
        return WEB_PAGE if b"<html" in text.lower() else PMML if b"<PMML" in text else None
    return None


def _by_place(head: bytes) -> FileFormat | None:
    if head[4:8] == b"TFL3":
        return TFLITE
    if head[8:10] == b'{"' and int.from_bytes(head[:8], "little") < 1 << 32:
        return SAFETENSORS
    return ONNX if _ONNX_HEAD.match(head) else None


def _in_zip(file: Path) -> FileFormat | None:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):  # its names may be damaged, too
        return BROKEN_ZIP
    if members and all(one.header_offset for one in members):
        return BROKEN_ZIP  # its own directory is gone, and this is that of a zip inside it
    names = [one.filename for one in members]
    return next((found for rule, found in _ZIPS if any(re.fullmatch(rule, name) for name in names)), None)


_TELLERS: tuple[Callable[[bytes], FileFormat | None], ...] = (_by_head, _by_content, _by_place)
