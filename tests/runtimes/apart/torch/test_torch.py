from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from infergraph.errors import ArtifactError, BadAnswer, BadMessage, LoadError
from infergraph.runtimes.torch import TorchServer

X = np.random.default_rng(0).normal(size=(6, 4))
F4 = torch.tensor(X, dtype=torch.float32)
BATCH = torch.export.Dim("batch")


class Net(torch.nn.Module):
    """Behaves otherwise while it is trained."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(4, 3)
        self.dropout = torch.nn.Dropout(0.5)
        self.normal = torch.nn.BatchNorm1d(3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.normal(self.dropout(self.linear(x))), -1)


class Centred(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x - x.mean(0)


class Several(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x + 1, x.argmax(1)


class Two(torch.nn.Module):
    def forward(self, a: torch.Tensor, b: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"sum": a + b, "difference": a - b}


class Words(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(10, 3)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        return self.embedding(words).mean(1)


class Halved(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.bfloat16()


def exported(model: torch.nn.Module, *inputs: torch.Tensor) -> Callable[[Path], None]:
    program = torch.export.export(model.eval(), inputs, dynamic_shapes=tuple({0: BATCH} for _ in inputs))
    return lambda folder: torch.export.save(program, folder / "model.pt2")


def scripted(model: torch.nn.Module) -> Callable[[Path], None]:
    return lambda folder: torch.jit.script(model).save(folder / "model.pt")


def traced(model: torch.nn.Module, *inputs: torch.Tensor) -> Callable[[Path], None]:
    return lambda folder: torch.jit.trace(model.eval(), inputs).save(folder / "model.pt")


def served(save: Callable[[Path], None], folder: Path, **parameters: Any) -> TorchServer:
    """Save a model, and load it as a server does."""
    save(folder)
    server = TorchServer(str(folder), **parameters)
    server.load()
    return server


def trained(model: Net) -> Net:
    """The same in the state in which it is trained."""
    model.train()
    return model


@pytest.mark.parametrize(
    "saved",
    [
        lambda model: exported(model, F4),
        scripted,
        lambda model: traced(model, F4),
        lambda model: scripted(trained(model)),
    ],
    ids=["exported", "scripted", "traced", "scripted while it is trained"],
)
def test_answers_are_the_models_own(saved: Callable[[Net], Callable[[Path], None]], tmp_path: Path) -> None:
    model = Net().eval()
    with torch.inference_mode():
        expected = model(F4).numpy()
    server = served(saved(model), tmp_path)
    np.testing.assert_allclose(server.predict(X, []), expected, rtol=1e-6)
    readonly = X.astype(np.float32)
    readonly.setflags(write=False)
    np.testing.assert_allclose(server.predict(readonly, []), expected, rtol=1e-6)


def test_several_outputs(tmp_path: Path) -> None:
    for save in (exported(Several(), F4), scripted(Several())):
        answer = served(save, tmp_path).predict(F4.numpy(), [])
        np.testing.assert_array_equal(answer["output_0"], F4 + 1)
        np.testing.assert_array_equal(answer["output_1"], F4.argmax(1))
        only = served(save, tmp_path, model_output="output_1").predict(F4.numpy(), [])
        np.testing.assert_array_equal(only, F4.argmax(1))
        for file in tmp_path.iterdir():
            file.unlink()


def test_an_output_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="names sum, and the model has output_0, output_1"):
        served(exported(Several(), F4), tmp_path, model_output="sum")
    (tmp_path / "model.pt2").unlink()
    server = served(scripted(Several()), tmp_path, model_output="sum")
    with pytest.raises(BadAnswer, match="the model gave no output 'sum'; it gave output_0, output_1"):
        server.predict(F4.numpy(), [])


def test_inputs_and_outputs_by_name(tmp_path: Path) -> None:
    server = served(exported(Two(), F4, F4), tmp_path)
    assert not server.takes_table
    answer = server.predict({"a": X, "b": X}, [])
    np.testing.assert_allclose(answer["sum"], X * 2, rtol=1e-6)
    np.testing.assert_array_equal(answer["difference"], np.zeros((6, 4)))
    with pytest.raises(BadMessage, match="the model takes `a`, `b` by name, as several tensors"):
        server.predict(X, [])
    (tmp_path / "model.pt2").unlink()
    answer = served(scripted(Two()), tmp_path, dtype="FP32,FP32").predict({"a": [[1, 2]], "b": [[3, 4]]}, [])
    assert answer["sum"].tolist() == [[4.0, 6.0]]


def test_whole_numbers(tmp_path: Path) -> None:
    model = Words()
    words = torch.tensor([[1, 2], [3, 4]])
    expected = model(words).detach().numpy()
    np.testing.assert_array_equal(served(exported(model, words), tmp_path).predict(words.numpy(), []), expected)
    (tmp_path / "model.pt2").unlink()
    server = served(scripted(model), tmp_path, dtype="INT64")
    np.testing.assert_array_equal(server.predict(words.numpy().astype(float), []), expected)
    with pytest.raises(BadMessage, match="the model cannot take this input: index out of range in self"):
        server.predict(np.array([[99, 1]]), [])


def test_half_floats_become_floats(tmp_path: Path) -> None:
    answer = served(exported(Halved(), F4), tmp_path).predict(X, [])
    assert answer.dtype == np.float32
    np.testing.assert_array_equal(answer, F4.bfloat16().float())


@pytest.mark.parametrize(
    ("save", "is_independent"),
    [(exported(Net(), F4), True), (exported(Centred(), F4), False), (scripted(Net()), False)],
    ids=["a network", "one that looks at all rows", "one of which no shape is known"],
)
def test_rows_are_tried(save: Callable[[Path], None], is_independent: bool, tmp_path: Path) -> None:
    assert served(save, tmp_path).rows_are_independent is is_independent


@pytest.mark.parametrize(
    ("dtype", "message"),
    [("float", "the parameter dtype names 'float', and a datatype is one of BOOL"), ("FP32,FP32", "names 2 datatypes")],
)
def test_wrong_parameters(dtype: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=message):
        served(scripted(Net()), tmp_path, dtype=dtype)


@pytest.mark.parametrize("save", [exported(Net(), F4), scripted(Net())], ids=["exported", "scripted"])
@pytest.mark.parametrize("given", [np.ones((2, 3)), np.array([["a", "b", "c", "d"]], dtype=object), "text"])
def test_wrong_inputs(save: Callable[[Path], None], given: Any, tmp_path: Path) -> None:
    server = served(save, tmp_path)
    with pytest.raises(BadMessage, match=r"input `x` takes|cannot be multiplied \(2x3 and 4x3\)$"):
        server.predict(given, [])
    assert server.predict(X, []).shape == (6, 3)


@pytest.mark.parametrize(
    ("name", "save", "damage", "message"),
    [
        ("model.pt", scripted(Net()), lambda content: content[: len(content) // 2], "is cut short or damaged: copy it"),
        ("model.pt2", exported(Net(), F4), lambda content: content[:-40], "is cut short or damaged: copy it again"),
        (
            "model.pt",
            scripted(Net()),
            lambda _: b"",
            r"is empty \(0 bytes\), and a program of torch\.export or a Torch",
        ),
        ("model.pt", scripted(Net()), lambda _: b"hello", "is not a program of torch.export or a TorchScript model"),
        (
            "model.pt",
            scripted(Net()),
            lambda _: b"\x08\x0a\x12\x08",
            "is an ONNX model, and .*; ONNX_SERVER serves that",
        ),
    ],
)
def test_broken_files(
    name: str, save: Callable[[Path], None], damage: Callable[[bytes], bytes], message: str, tmp_path: Path
) -> None:
    save(tmp_path)
    (tmp_path / name).write_bytes(damage((tmp_path / name).read_bytes()))
    with pytest.raises(LoadError, match=f"^{name} {message}") as caught:
        TorchServer(str(tmp_path)).load()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [Net().state_dict(), Net()], ids=["weights", "a whole pickled model"])
def test_what_torch_save_wrote(content: Any, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(LoadError, match=r"holds weights and no code, .*; save the model with torch\.export\.save"):
        TorchServer(str(tmp_path)).load()


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    with pytest.raises(
        ArtifactError, match=r"looked for any of model\.pt2, model\.pt, model\.pth, and the folder holds"
    ):
        TorchServer(str(tmp_path)).load()


def test_metadata(tmp_path: Path) -> None:
    assert served(exported(Net(), F4), tmp_path).init_metadata() == {
        "platform": "torch",
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}],
        "outputs": [{"name": "output", "datatype": "FP32", "shape": [-1, 3]}],
    }
    (tmp_path / "model.pt2").unlink()
    assert served(scripted(Net()), tmp_path).init_metadata() == {"platform": "torch", "inputs": [], "outputs": []}
