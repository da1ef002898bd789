"""TensorFlow Serving's protocol over gRPC from the caller's side: what is written is what a server reads."""

from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadMessage
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.declared import Declared
from infergraph.payloads.protos import GetModelMetadataResponse, GetModelStatusResponse, PredictRequest, PredictResponse
from infergraph.payloads.tensorflow_proto import decode_predict, encode_predict
from infergraph.payloads.tensorflow_proto_call import (
    decode_metadata,
    decode_response,
    decode_status,
    encode_request,
)

ARRAYS = [
    np.array([[1.5, 2.5]], dtype=np.float32),
    np.arange(100_000, dtype=np.float32).reshape(2, -1),
    np.array([1, -2], dtype=np.int8),
    np.array([b"a", b"\xff"], dtype=object),
    np.array(1.5),
]


@pytest.mark.parametrize("array", ARRAYS)
def test_arrays_there_and_back(array: Any) -> None:
    question = decode_predict(encode_request(Payload(array, Encoding.TF, tensor="y"), "m", [Declared("x")]))
    found = question.payload
    assert (question.spec.name, found.tensor, found.data.dtype) == ("m", "x", array.dtype)
    assert np.array_equal(found.data, array)
    answer = decode_response(encode_predict(found, question, name="m", version=1, output="out"))
    assert (answer.tensor, answer.encoding, answer.data.dtype) == ("x", Encoding.TF, array.dtype)
    assert np.array_equal(answer.data, array)


def test_an_input_without_any_name() -> None:
    assert (
        decode_predict(encode_request(Payload(np.array([1.0]), Encoding.NDARRAY), "m", [])).payload.tensor == "inputs"
    )


def test_a_signature_is_asked_by_its_name() -> None:
    body = encode_request(Payload(np.array([1.0]), Encoding.NDARRAY), "m", [], "s")
    assert PredictRequest.FromString(body).model_spec.signature_name == "s"


def test_what_is_no_response() -> None:
    with pytest.raises(BadMessage, match="Expected 1 to 1000 outputs, got 0"):
        decode_response(b"")
    response = PredictResponse()
    response.outputs["x"].dtype = 1
    response.outputs["x"].tensor_shape.dim.add(size=3)
    with pytest.raises(BadMessage, match=r"\$\.outputs\['x'\]"):
        decode_response(response.SerializeToString())


def test_metadata_without_signatures() -> None:
    with pytest.raises(BadMessage, match="expected metadata with signature_def, got none"):
        decode_metadata(GetModelMetadataResponse().SerializeToString())


def test_a_status() -> None:
    response = GetModelStatusResponse()
    response.model_version_status.add(version=3, state="AVAILABLE")
    assert decode_status(response.SerializeToString()) == {
        "model_version_status": [{"version": "3", "state": "AVAILABLE"}]
    }
