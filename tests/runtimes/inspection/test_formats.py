"""Each framework's own files: what is said of them, whole, cut short and damaged. No framework is imported."""

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from infergraph.runtimes.inspection import installed
from infergraph.runtimes.inspection.artifact import examine
from infergraph.runtimes.inspection.report import Report, Severity, Verdict
from tests.runtimes import models

DATA = Path(__file__).parent / "data"
IRIS = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]


@dataclass(frozen=True)
class Case:
    """A whole artifact, by what writes it, and what has to be said of it."""

    write: Callable[[Path], Path]
    format: str
    package: str = ""
    made_with: str | None = None
    model: str = ""
    names: tuple[str, ...] = ()
    types: tuple[str | None, ...] = ()
    shapes: tuple[tuple[int, ...] | None, ...] = ()
    dangers: tuple[str, ...] = ()
    tail: int = 60
    """So many bytes at the end say nothing that it needs."""


def committed(name: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        source, target = DATA / name, folder / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
        return target

    return write


def booster(name: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        models.booster(models.NAMED).save_model(folder / name)
        return folder / name

    return write


def light(folder: Path) -> Path:
    models.light(models.NAMED).save_model(folder / "model.txt")
    return folder / "model.txt"


def onnx_model(folder: Path) -> Path:
    (folder / "model.onnx").write_bytes(models.onnx())
    return folder / "model.onnx"


CASES: dict[str, Case] = {
    "xgboost-ubj": Case(
        booster("m.ubj"), "an XGBoost model", "xgboost", "own", "multi:softprob", tuple(IRIS), ("float",) * 4
    ),
    "xgboost-json": Case(
        booster("m.json"), "an XGBoost model", "xgboost", "own", "multi:softprob", tuple(IRIS), ("float",) * 4
    ),
    "lightgbm": Case(
        light,
        "a LightGBM model",
        "lightgbm",
        model="multiclass num_class:3",
        names=tuple(name.replace(" ", "_") for name in IRIS),
        types=("float",) * 4,
        tail=2500,
    ),
    "onnx": Case(onnx_model, "an ONNX model", "onnxruntime", types=("float32",), shapes=((-1, 4),)),
    "catboost": Case(committed("model.cbm"), "a CatBoost model", "catboost", "1.2.10", "MultiClass"),
    "catboost-json": Case(
        committed("catboost.json"), "a CatBoost model", "catboost", "1.2.10", names=tuple(IRIS), types=("float",) * 4
    ),
    "skops": Case(committed("model.skops"), "a skops file", "skops", "0.16.0", "LogisticRegression", shapes=((-1, 4),)),
    "saved-model": Case(
        committed("half"), "a TensorFlow SavedModel", "tensorflow", "2.21.0", "", ("x",), ("float32",), ((-1, 1),)
    ),
    "saved-model-reads": Case(
        committed("reads"),
        "a TensorFlow SavedModel",
        "tensorflow",
        "2.21.0",
        "",
        ("x",),
        ("string",),
        ((),),
        ("ReadFile",),
    ),
    "keras": Case(committed("dense.keras"), "a Keras file", model="Sequential", shapes=((-1, 4),)),
    "keras-lambda": Case(
        committed("lambda.keras"), "a Keras file", model="Sequential", shapes=((-1, 4),), dangers=("Lambda",)
    ),
    "keras-h5": Case(committed("dense.h5"), "a Keras file"),
    "keras-h5-lambda": Case(committed("lambda.h5"), "a Keras file", dangers=("Lambda",)),
    "torchscript": Case(committed("script.pt"), "a TorchScript model", "torch"),
    "torch-export": Case(committed("program.pt2"), "a program of torch.export", "torch", "2.13.0+cpu"),
    "torch-weights": Case(
        committed("weights.pt"), "a PyTorch checkpoint, which holds weights and no code", "torch", model="OrderedDict"
    ),
    "torch-whole": Case(
        committed("whole.pt"),
        "a PyTorch checkpoint, which holds weights and no code",
        "torch",
        model="Linear",
        dangers=("my_models",),
    ),
    "torch-legacy": Case(
        committed("legacy.pt"), "a PyTorch checkpoint in the format before 1.6", "torch", model="OrderedDict"
    ),
    "mlflow": Case(
        committed("mlflow-sklearn"),
        "an MLflow model",
        "mlflow",
        "3.17.2",
        "python_function, sklearn",
        tuple(IRIS),
        ("double",) * 4,
    ),
    "mlflow-python": Case(
        committed("mlflow-python"), "an MLflow model", "mlflow", "3.17.2", "python_function", dangers=("cloudpickle",)
    ),
    "transformers": Case(
        committed("bert"), "a folder of Hugging Face's transformers", "transformers", "4.46.3", "BertModel"
    ),
}


def own_version(package: str) -> str | None:
    return installed.installed_version(package)


@pytest.mark.parametrize("name", CASES)
def test_whole_artifacts(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    report = examine(case.write(tmp_path))
    assert report.format == case.format
    assert report.model == case.model
    if case.package:
        package = next(one for one in report.packages if one.name == case.package)
        assert package.made_with == (own_version(case.package) if case.made_with == "own" else case.made_with)
        assert package.installed == own_version(case.package)
    for said, expected in (
        ([field.name for field in report.inputs], case.names),
        ([field.dtype for field in report.inputs], case.types),
        ([field.shape for field in report.inputs], case.shapes),
    ):
        assert tuple(said) == expected or not expected
    assert tuple(danger.what for danger in report.dangers) == case.dangers
    assert "cut short" not in " ".join(problem.text for problem in report.problems)


@pytest.mark.parametrize("name", ["xgboost-ubj", "xgboost-json", "lightgbm", "onnx"])
def test_those_whose_framework_is_here_load(name: str, tmp_path: Path) -> None:
    report = examine(CASES[name].write(tmp_path))
    assert report.verdict is Verdict.LOADS
    assert report.server


def largest(path: Path) -> Path:
    """The file of an artifact that is worth breaking."""
    return (
        path
        if path.is_file()
        else max((one for one in path.rglob("*") if one.is_file()), key=lambda one: one.stat().st_size)
    )


@pytest.mark.parametrize("name", CASES)
def test_cut_anywhere_it_never_loads_and_is_always_a_sentence(name: str, tmp_path: Path) -> None:
    path = CASES[name].write(tmp_path)
    file = largest(path)
    content = file.read_bytes()
    for part in (
        0,
        1,
        3,
        8,
        9,
        20,
        100,
        *range(len(content) // 20, len(content) - CASES[name].tail, len(content) // 20 + 1),
    ):
        file.write_bytes(content[:part])
        report = examine(path)
        assert report.verdict is not Verdict.LOADS, part
        assert all("\n" not in problem.text for problem in report.problems)


@pytest.mark.parametrize("name", CASES)
def test_damaged_anywhere_it_is_always_a_report(name: str, tmp_path: Path) -> None:
    path = CASES[name].write(tmp_path)
    file = largest(path)
    content = bytearray(file.read_bytes())
    for place in range(0, len(content), max(1, len(content) // 150)):
        for change in (0x01, 0x80, 0xFF):
            content[place] ^= change
            file.write_bytes(content)
            examine(path)
            content[place] ^= change


def test_nothing_is_imported(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from infergraph.runtimes.inspection.artifact import examine\n"
        "[examine(Path(path)) for path in sys.argv[1:]]\n"
        f"print([one for one in {sorted(FRAMEWORKS)!r} if one in sys.modules])"
    )
    paths = [str(case.write(made(tmp_path / name))) for name, case in CASES.items()]
    done = subprocess.run(
        [sys.executable, "-c", program, *paths], capture_output=True, text=True, timeout=50, check=True
    )
    assert done.stdout.strip() == "[]"


FRAMEWORKS = (
    "sklearn",
    "joblib",
    "xgboost",
    "lightgbm",
    "catboost",
    "onnx",
    "onnxruntime",
    "tensorflow",
    "torch",
    "mlflow",
)


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def graph(*, domain: str = "", location: str = "", opset: int = 17) -> onnx.ModelProto:
    """A model of one addition, whose weights may lie in a file of their own."""
    weights = numpy_helper.from_array(np.ones(1, "f4"), "w")
    if location:
        weights.ClearField("raw_data")
        weights.data_location = TensorProto.EXTERNAL
        weights.external_data.add(key="location", value=location)
    node = helper.make_node("Add", ["x", "w"], ["y"], domain=domain)
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1]) for name in "xy")
    opsets = [helper.make_opsetid("", opset), *([helper.make_opsetid(domain, 1)] if domain else [])]
    return helper.make_model(helper.make_graph([node], "g", [x], [y], [weights]), opset_imports=opsets)


def examined(model: onnx.ModelProto, folder: Path) -> Report:
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    return examine(folder / "model.onnx")


@pytest.mark.parametrize("location", ["/etc/passwd", "../../secret", "a/../../b"])
def test_onnx_with_weights_from_outside_its_folder(location: str, tmp_path: Path) -> None:
    report = examined(graph(location=location), tmp_path)
    assert [danger.what for danger in report.dangers] == [location]
    assert report.is_dangerous


def test_onnx_with_weights_beside_it(tmp_path: Path) -> None:
    (problem,) = examined(graph(location="weights.bin"), tmp_path).problems
    assert "keeps weights in weights.bin, which is not beside it" in problem.text
    (tmp_path / "weights.bin").write_bytes(np.ones(1, "f4").tobytes())
    assert examined(graph(location="weights.bin"), tmp_path).problems == []


def test_onnx_with_operators_of_somebodys_own(tmp_path: Path) -> None:
    report = examined(graph(domain="my.company"), tmp_path)
    assert report.verdict is Verdict.MAY_FAIL
    assert "operators of my.company" in report.problems[0].text


def test_onnx_for_a_later_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infergraph.runtimes.inspection.onnx_file.installed_version", lambda _: "1.17.1")
    report = examined(graph(opset=21), tmp_path)
    assert report.requirements == ("onnxruntime>=1.18",)
    assert "has opset 21, and onnxruntime 1.17.1 knows 20" in report.problems[0].text


def test_a_model_of_a_later_version(tmp_path: Path) -> None:
    path = CASES["xgboost-json"].write(tmp_path)
    path.write_text(re.sub(r'"version":\[\d+', '"version":[99', path.read_text()))
    report = examine(path)
    assert report.verdict is Verdict.MAY_FAIL
    assert "an older one, is installed here" in report.problems[0].text


def test_xgboosts_old_format(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parents[1] / "data/stump-2.1.4.bst", tmp_path / "model.bst")
    report = examine(tmp_path)
    assert report.format == "a model in XGBoost's old binary format"
    assert (report.verdict is Verdict.LOADS) == (own_version("xgboost") < "3.1")  # type: ignore[operator]


def test_mlflow_with_a_loader_and_code_of_its_own(tmp_path: Path) -> None:
    text = (DATA / "mlflow-python/MLmodel").read_text()
    text = text.replace("loader_module: mlflow.pyfunc.model", "loader_module: evil.loader").replace(
        "code: null", "code: code"
    )
    (tmp_path / "MLmodel").write_text(text)
    report = examine(tmp_path)
    assert [danger.what for danger in report.dangers] == ["evil.loader", "code"]
    assert {danger.severity for danger in report.dangers} == {Severity.FOREIGN}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1, 2]",
        "flavors: []",
        "a: b: c",
        "flavors: {python_function: 3}",
        "x: !!python/object/apply:os.system [ls]",
        "\0",
    ],
)
def test_an_mlmodel_that_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text(text)
    assert examine(tmp_path).verdict is Verdict.FAILS


def test_mlflow_does_not_lead_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.pkl").write_bytes(b"")
    folder = made(tmp_path / "model")
    text = (DATA / "mlflow-python/MLmodel").read_text().replace("python_model.pkl", "../secret.pkl")
    (folder / "MLmodel").write_text(text)
    assert "secret" not in str(examine(folder))


def test_torch_with_a_pickle_that_is_dangerous(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.pt", "w") as archive:
        archive.writestr("m/data.pkl", b"cos\nsystem\n(Vls\ntR.")
        archive.writestr("m/version", "3")
    assert examine(tmp_path / "m.pt").is_dangerous


def test_transformers_with_code_of_its_own_and_without_weights(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "mine", "auto_map": {"AutoModel": "modeling.Mine"}}')
    report = examine(tmp_path)
    assert [danger.what for danger in report.dangers] == ["modeling.Mine"]
    assert "no weights" in report.problems[-1].text


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", "{}")
        with archive.open("config.json", "w") as member:
            for _ in range(300):
                member.write(bytes(1 << 20))
        archive.writestr("model.weights.h5", b"")
    assert examine(tmp_path / "m.keras").verdict is Verdict.FAILS


def test_values_nested_too_deep(tmp_path: Path) -> None:
    deep: Any = "[" * 5000 + "]" * 5000
    for name, content in {
        "m.ubj": b"{L" + (1).to_bytes(8, "big") + b"a" + b"[" * 5000,
        "m.json": b'{"learner": ' + deep.encode() + b"}",
        "MLmodel": b"a: " + deep.encode(),
    }.items():
        (folder := made(tmp_path / name.replace(".", "-"))).joinpath(name).write_bytes(content)
        assert examine(folder).verdict is Verdict.FAILS
