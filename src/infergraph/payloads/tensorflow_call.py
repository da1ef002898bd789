"""TensorFlow Serving's protocol from the caller's side, over REST: a predict request written, and the answer read."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from infergraph.errors import BadMessage
from infergraph.payloads import json_text
from infergraph.payloads.declared import Declared, inputs_of
from infergraph.payloads.payload import Array, JsonObject, Payload
from infergraph.payloads.tensorflow_json import in_rows, nested, payload_of_either

DEFAULT_NAME = "inputs"
"""What an input is called that neither its caller nor its model has a name for."""
SIGNATURES = "signature_def"
SIGNATURE = "serving_default"

# TensorFlow's types by the v2 protocol's names for them.
DATATYPES = {
    "DT_BOOL": "BOOL",
    "DT_HALF": "FP16",
    "DT_FLOAT": "FP32",
    "DT_DOUBLE": "FP64",
    "DT_BFLOAT16": "BF16",
    "DT_STRING": "BYTES",
    **{f"DT_{sign}INT{bits}": f"{sign}INT{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)},
}


class PredictAnswer(msgspec.Struct):
    """The answer: rows or columns."""

    predictions: Any = UNSET
    outputs: Any = UNSET


_decoder = msgspec.json.Decoder(PredictAnswer)


def encode_request(payload: Payload, declared: Sequence[Declared], question: bytes = b"", signature: str = "") -> bytes:
    """The predict request: in rows where the arrays have as many of them as each other, else in columns.

    ``question`` is as of `json_text.encode`, ``signature`` the one that is asked, empty for the default.

    :raises BadAnswer: when there is no word for a value.
    """
    arrays = arrays_of(payload, declared)
    sizes = {len(array) if array.ndim else None for array in arrays.values()}
    is_rows = len(sizes) == 1 and None not in sizes
    if len(arrays) > 1:
        value = in_rows(arrays) if is_rows else {name: nested(array) for name, array in arrays.items()}
    else:
        (value,) = map(nested, arrays.values())
    chosen = {"signature_name": signature} if signature else {}
    return json_text.encode({"instances" if is_rows else "inputs": value, **chosen}, question)


def decode_answer(body: bytes, max_depth: int) -> Payload:
    """The payload of an answer. :raises BadMessage: when the body is none, in a sentence that says where."""
    answer = json_text.decode_as(_decoder, body, max_depth, "an answer to a predict request")
    rows, columns = ("predictions", answer.predictions), ("outputs", answer.outputs)
    return payload_of_either(body, max_depth, rows=rows, columns=columns)[0]


def decode_metadata(body: bytes, max_depth: int) -> JsonObject:
    """What a model says of itself, in the words of SELDON_V1 §3.7. :raises BadMessage: when that is no JSON object."""
    value = json_text.decode(body, max_depth)
    metadata = value.get("metadata") if isinstance(value, dict) else None
    signatures = metadata.get(SIGNATURES) if isinstance(metadata, dict) else None
    if not isinstance(signatures, dict):
        raise BadMessage("expected the metadata of a model with its `signature_def`")
    return described(signatures)


def described(signatures: JsonObject) -> JsonObject:
    """The inputs and outputs of a SignatureDefMap's signature that a request gets which names none."""
    signature = signatures.get(SIGNATURES, signatures)
    signature = signature.get(SIGNATURE) if isinstance(signature, dict) else None
    signature = signature if isinstance(signature, dict) else {}
    found = {name: [_tensor(*one) for one in _items(signature.get(name))] for name in ("inputs", "outputs")}
    return {"platform": "tensorflow", **found}


def _items(tensors: Any) -> Sequence[tuple[str, JsonObject]]:
    if not isinstance(tensors, dict):
        return []
    return [(name, tensor) for name, tensor in sorted(tensors.items()) if isinstance(tensor, dict)]


def _tensor(name: str, tensor: JsonObject) -> JsonObject:
    shape = tensor.get("tensor_shape") or tensor.get("tensorShape") or {}
    sizes = [int(one.get("size", 0)) for one in shape.get("dim", ())]
    return {"name": name, "datatype": DATATYPES.get(str(tensor.get("dtype")), ""), "shape": sizes}


def arrays_of(payload: Payload, declared: Sequence[Declared]) -> dict[str, Array]:
    """The arrays of a question by name, as of `inputs_of`."""
    return {name: array for name, (_, array) in inputs_of(payload, declared, DEFAULT_NAME).items()}
