import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    DistilBertConfig,
    DistilBertForSequenceClassification,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
    pipeline,
)

from infergraph.errors import ArtifactError, BadMessage, LoadError
from infergraph.runtimes.huggingface import HuggingfaceServer
from infergraph.runtimes.huggingface_question import question_of

TEXTS = ["a good film", "very good", "a bad film", "very bad"]
ROWS = np.array([[text] for text in TEXTS], dtype=object)


def tokenizer() -> Any:
    words = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    words.normalizer = normalizers.BertNormalizer()
    words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    words.train_from_iterator(TEXTS, trainers.WordPieceTrainer(special_tokens=special, show_progress=False))
    words.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return PreTrainedTokenizerFast(tokenizer_object=words, **names)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a classifier of texts."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("classifier")
    sizes = {"dim": 16, "hidden_dim": 32, "n_layers": 1, "n_heads": 2, "max_position_embeddings": 32}
    config = DistilBertConfig(vocab_size=100, id2label={0: "bad", 1: "good"}, label2id={"bad": 0, "good": 1}, **sizes)
    DistilBertForSequenceClassification(config).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that writes texts."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("generator")
    GPT2LMHeadModel(GPT2Config(vocab_size=100, n_embd=16, n_layer=1, n_head=2, n_positions=300)).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def served(folder: Path | str, **parameters: Any) -> HuggingfaceServer:
    """Load a folder as a server does."""
    server = HuggingfaceServer(str(folder), **parameters)
    server.load()
    return server


def test_answers_are_the_pipelines_own(classifier: Path) -> None:
    own = pipeline("text-classification", model=str(classifier))(TEXTS)
    server = served(classifier)
    assert server.task == "text-classification"
    answer = server.predict(ROWS, [])
    assert answer.shape == (4, 1)
    assert [json.loads(text) for text in answer[:, 0]] == own
    assert server.predict(np.array([b"very good"], dtype=object), [])[0, 0] == json.dumps(own[1])


def test_json_in_and_json_out(classifier: Path) -> None:
    server = served(classifier)
    own = pipeline("text-classification", model=str(classifier))
    assert server.predict("very good") == own("very good")[0]
    assert server.predict(["very good"]) == own(["very good"])
    assert server.predict({"inputs": "very good", "parameters": {"top_k": 2}}) == own(["very good"], top_k=2)[0]
    pair = {"text": "very good", "text_pair": "very bad"}
    assert server.predict(pair) == own([pair])[0]


def test_parameters_beside_a_tensor(classifier: Path) -> None:
    given = {"args": np.array([b"very good"], dtype=object), "top_k": np.array([2])}
    own = pipeline("text-classification", model=str(classifier))(["very good"], top_k=2)
    assert json.loads(served(classifier).predict(given)[0, 0]) == own[0]


def test_batches(classifier: Path) -> None:
    assert not served(classifier).rows_are_independent
    server = served(classifier, batch_size=4)
    assert server.rows_are_independent
    rows = np.concatenate([server.prepare(ROWS[:1], []), server.prepare(ROWS[1:], [])])
    assert rows.shape == (4,)
    own = pipeline("text-classification", model=str(classifier))(TEXTS)
    for text, expected in zip(server.predict_prepared(rows)[:, 0], own, strict=True):
        answer = json.loads(text)
        assert answer["label"] == expected["label"]
        assert answer["score"] == pytest.approx(expected["score"], rel=1e-5)


def test_texts_are_written(generator: Path) -> None:
    server = served(generator)
    assert server.task == "text-generation"
    asked = {"inputs": "very good", "parameters": {"max_new_tokens": 3, "do_sample": False}}
    own = pipeline("text-generation", model=str(generator))(["very good"], max_new_tokens=3, do_sample=False)
    assert server.predict(asked) == own[0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.ones((1, 2)), "the model takes texts, and 1.0 came"),
        (np.empty((0, 1), dtype=object), "and there are none"),
        ([], "and there are none"),
        (None, "and None came"),
        ({"text": 1}, r"and \{'text': 1\} came"),
        (b"\xff", "bytes came that are not UTF-8"),
        ("very good " * 100, "the model cannot take this input: The size of tensor a"),
        (
            {"inputs": "a", "parameters": {"custom_generate": "x"}},
            "there is no parameter custom_generate here; there is",
        ),
        ({"inputs": "a", "model": "/etc/passwd"}, "there is no parameter model here"),
        ({"inputs": "a", "parameters": [1]}, "parameters are an object, and a list came"),
    ],
)
def test_wrong_inputs(given: Any, message: str, classifier: Path) -> None:
    with pytest.raises(BadMessage, match=message):
        served(classifier).predict(given, [])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"task": "nosuch"}, "the task 'nosuch' is not served here; those that are: feature-extraction"),
        ({"task": "image-text-to-text"}, "is not served here"),
        ({"framework": "tf"}, "Transformers runs on PyTorch alone"),
        ({"optimum_model": True}, "export the model to ONNX, which ONNX_SERVER serves"),
    ],
)
def test_wrong_parameters(parameters: dict[str, Any], message: str, classifier: Path) -> None:
    with pytest.raises(LoadError, match=message):
        served(classifier, **parameters)


def without(pattern: str) -> Callable[[Path], object]:
    def damage(folder: Path) -> None:
        for file in folder.glob(pattern):
            file.unlink()

    return damage


def config(old: str, new: str) -> Callable[[Path], object]:
    return lambda folder: (folder / "config.json").write_text(
        (folder / "config.json").read_text().replace(old, new), encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (without("*.safetensors"), r"holds no weights: looked for \*\.safetensors and \*\.bin beside config\.json"),
        (without("tokenizer*"), r"holds no tokenizer, such as tokenizer\.json"),
        (
            lambda folder: (folder / "config.json").write_text("{"),
            r"config\.json is no JSON: it is cut short or damaged",
        ),
        (lambda folder: (folder / "config.json").write_text("[]"), r"config\.json holds no JSON object"),
        (config('"distilbert"', '"no-such"'), "the model type 'no-such' is none that transformers"),
        (config("DistilBertForSequenceClassification", "Odd"), r"does not tell what the model is for \(Odd\): say it"),
        (config('"activation"', '"auto_map": {"AutoConfig": "x.X"}, "activation"'), "asks for code of the model's own"),
        (
            lambda folder: (folder / "model.safetensors").write_bytes(
                (folder / "model.safetensors").read_bytes()[:2000]
            ),
            "are cut short or damaged: copy them again",
        ),
    ],
)
def test_broken_folders(damage: Callable[[Path], object], message: str, classifier: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(classifier, folder)
    damage(folder)
    with pytest.raises(LoadError, match=message) as caught:
        served(folder)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    with pytest.raises(ArtifactError, match=r"looked for config\.json, and the folder holds other"):
        served(tmp_path)


def test_a_tokenizer_in_another_folder(classifier: Path, tmp_path: Path) -> None:
    shutil.copytree(classifier, tmp_path / "model")
    without("tokenizer*")(tmp_path / "model")
    tokenizer().save_pretrained(tmp_path / "words")
    server = served(tmp_path / "model", pretrained_tokenizer=str(tmp_path / "words"))
    assert server.predict("very good") == served(classifier).predict("very good")


def test_a_model_by_its_name(classifier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(classifier.parent)
    server = served("", pretrained_model=classifier.name, task="text-classification")
    assert server.predict("very good") == served(classifier).predict("very good")
    with pytest.raises(LoadError, match="needs a modelUri, or the parameter pretrained_model"):
        served("")


def test_pictures_come_as_bytes_and_never_as_names() -> None:
    content = io.BytesIO()
    Image.new("RGB", (2, 2)).save(content, "PNG")
    (asked,) = question_of(content.getvalue(), "image-classification").inputs
    assert asked.size == (2, 2)
    for name in ("http://127.0.0.1/a.png", "/etc/passwd"):
        with pytest.raises(BadMessage, match="the model takes pictures, as bytes"):
            question_of(name, "image-classification")
    with pytest.raises(BadMessage, match="bytes came that are none"):
        question_of(b"GIF8", "image-classification")


def test_metadata(classifier: Path) -> None:
    assert served(classifier).init_metadata() == {
        "platform": "huggingface",
        "inputs": [{"name": "args", "datatype": "BYTES", "shape": [-1]}],
        "outputs": [{"name": "output", "datatype": "BYTES", "shape": [-1, 1]}],
        "custom": {"task": "text-classification", "model_type": "distilbert", "labels": "bad, good"},
    }
