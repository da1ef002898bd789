"""Train a small language model that tells Python from prose, and save it where huggingface.yaml looks for it.

Its data are lines of Python's own standard library: of the code, and of what is said between.
"""

import ast
import inspect
import textwrap
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import DistilBertConfig, DistilBertForSequenceClassification, PreTrainedTokenizerFast

LABELS = ["prose", "python"]


def lines_of(module: object) -> list[tuple[str, int]]:
    """The lines of a module: those of its docstrings are prose, all others are code."""
    source = inspect.getsource(module)
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found += [(line, 0) for line in (ast.get_docstring(node) or "").splitlines()]
            found += [(line, 1) for line in ast.unparse(node.body[-1]).splitlines()]
    return [(text, label) for line, label in found if len(text := line.strip()) > 20]


torch.manual_seed(0)
lines = [line for module in (ast, textwrap) for line in lines_of(module)]
texts, labels = [text for text, _ in lines], torch.tensor([label for _, label in lines])

special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
words = Tokenizer(models.WordPiece(unk_token="[UNK]"))
words.normalizer = normalizers.BertNormalizer()
words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
words.train_from_iterator(
    texts, trainers.WordPieceTrainer(vocab_size=1000, special_tokens=special, show_progress=False)
)
words.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=64, **names)

config = DistilBertConfig(
    vocab_size=1000, dim=32, hidden_dim=64, n_layers=1, n_heads=2, max_position_embeddings=64, num_labels=2,
    id2label=dict(enumerate(LABELS)), label2id={name: number for number, name in enumerate(LABELS)},
)  # fmt: skip
model = DistilBertForSequenceClassification(config)
tokens = tokenizer(texts, padding=True, truncation=True, return_tensors="pt", return_token_type_ids=False)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(12):
    optimizer.zero_grad()
    model(**tokens, labels=labels).loss.backward()
    optimizer.step()

folder = Path(__file__).parent / "model"
model.eval().save_pretrained(folder)
tokenizer.save_pretrained(folder)
right = (model(**tokens).logits.argmax(dim=1) == labels).float().mean()
print(f"wrote {folder}: {right:.1%} of the {len(texts)} lines right")
