"""TensorFlow Serving's predict call in protobuf: bytes to payload and back."""

from typing import Any

import numpy as np
import pytest

from infergraph.errors import BadAnswer, BadMessage
from infergraph.payloads import Encoding, Payload
from infergraph.payloads.protos.wire import WORTH_BYTES
from infergraph.payloads.tensorflow_proto import ModelSpec, PredictQuestion, decode_predict, encode_predict
from infergraph.payloads.v2_request import MAX_TENSORS
from tests.stubs import array_of, predict_request, stubs

ALL = PredictQuestion(ModelSpec("m"), Payload(np.ones(1), Encoding.TF))


def asked(inputs: dict[str, Any], **more: Any) -> PredictQuestion:
    return decode_predict(predict_request("m", inputs, **more).SerializeToString())


def answered(payload: Payload, question: PredictQuestion = ALL) -> Any:
    body = encode_predict(payload, question, name="m", version=3, output="p")
    return stubs().serving.PredictResponse.FromString(body)


def arrays(response: Any) -> dict[str, Any]:
    return {name: array_of(tensor).tolist() for name, tensor in response.outputs.items()}


def test_one_input_is_an_array() -> None:
    question = asked({"x": np.array([[1, 2]], np.float32)})
    assert (question.payload.encoding, question.payload.names) == (Encoding.TF, [])
    assert question.payload.data.dtype == np.float32
    assert question.payload.data.tolist() == [[1, 2]]
    assert (question.spec, question.outputs) == (ModelSpec("m"), None)


def test_several_inputs_are_arrays_by_name() -> None:
    payload = asked({"b": np.array([1]), "a": np.array([b"x", b"\xff"], object)}).payload
    assert payload.encoding is Encoding.TENSORS
    assert list(payload.data) == ["a", "b"]  # a map has no order
    assert payload.data["a"].tolist() == [b"x", b"\xff"]


def test_packed_values_of_a_large_message_are_views_on_it() -> None:
    content = np.arange(WORTH_BYTES, dtype=np.float32)
    body = predict_request("m", {"x": content, "y": content}).SerializeToString()
    for array in decode_predict(body).payload.data.values():
        assert np.shares_memory(array, np.frombuffer(body, np.uint8))
        np.testing.assert_array_equal(array, content)


def test_the_model_that_is_named() -> None:
    request = predict_request("m", {"x": [1]}, outputs=("a", "b", "a"))
    request.model_spec.signature_name = "s"
    request.model_spec.version.value = 7
    question = decode_predict(request.SerializeToString())
    assert (question.spec, question.outputs) == (ModelSpec("m", "7", "s"), ["a", "b"])
    request.model_spec.version_label = "1.0"
    assert decode_predict(request.SerializeToString()).spec.version == "1.0"


def wrong(**fields: Any) -> bytes:
    request = stubs().serving.PredictRequest()
    request.inputs["x"].CopyFrom(stubs().tensor.TensorProto(**fields))
    body: bytes = request.SerializeToString()
    return body


SIZES: dict[str, Any] = {"dim": [{"size": 2}]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "Expected 1 to 1000 inputs, got 0"),
        (b"\xff", "Expected a tensorflow.serving.PredictRequest"),
        (wrong(), "Expected one of DT_FLOAT"),
        (wrong(dtype=8), "got DT_COMPLEX64 - at `$.inputs['x'].dtype`"),
        (wrong(dtype=1, tensor_shape=SIZES, float_val=[1, 2, 3]), "holds 2 values, got 3 - at `$.inputs['x']`"),
        (wrong(dtype=1, tensor_shape=SIZES, tensor_content=b"a"), "1 bytes are no whole number of float32"),
        (wrong(dtype=1, tensor_shape={"dim": [{"size": -1}]}), "Expected a size from 0"),
        (wrong(dtype=6, tensor_shape=SIZES, int_val=[1, 300]), "A value does not fit into int8"),
    ],
)
def test_what_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(BadMessage) as refused:
        decode_predict(body)
    assert words in str(refused.value)


def test_too_many_inputs_and_outputs() -> None:
    with pytest.raises(BadMessage, match="Expected 1 to 1000 inputs, got 1001"):
        asked({str(number): [1] for number in range(MAX_TENSORS + 1)})
    with pytest.raises(BadMessage, match="at most 1000 outputs, got 1001"):
        asked({"x": [1]}, outputs=["a"] * (MAX_TENSORS + 1))


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (Payload(np.array([[1, 2]], np.int8), Encoding.TF), {"p": [[1, 2]]}),
        (Payload(np.array([["é", "b"]], object), Encoding.TF), {"p": [["é".encode(), b"b"]]}),
        (Payload(np.array([[True]]), Encoding.TF), {"p": [[True]]}),
        (Payload(np.array([1.5], np.float16), Encoding.TF), {"p": [1.5]}),
        (Payload(np.arange(6, dtype=">i4").reshape(2, 3).T, Encoding.TF), {"p": [[0, 3], [1, 4], [2, 5]]}),
        (Payload("text", Encoding.TEXT), {"p": [b"text"]}),
        (Payload({"a": 1}, Encoding.JSON), {"p": [b'{"a":1}']}),
        (Payload({"a": np.zeros((0, 2)), "b": np.array([1])}, Encoding.TENSORS), {"a": [], "b": [1]}),
    ],
)
def test_each_kind_of_answer_has_its_outputs(payload: Payload, expected: Any) -> None:
    response = answered(payload)
    assert arrays(response) == expected
    spec = response.model_spec
    assert (spec.name, spec.version.value, spec.signature_name) == ("m", 3, "serving_default")


def test_only_what_is_wanted() -> None:
    payload = Payload({name: np.array([1]) for name in "abc"}, Encoding.TENSORS)
    assert {*arrays(answered(payload, asked({"x": [1]}, outputs=["c", "a"])))} == {"a", "c"}
    with pytest.raises(BadMessage, match=r"There is no output 'd'; the outputs are a, b, c - at `\$.output_filter`"):
        answered(payload, asked({"x": [1]}, outputs=["d"]))


def test_what_no_type_says() -> None:
    for payload in (Payload(np.ones(1, complex), Encoding.TF), Payload({"\ud800": np.ones(1)}, Encoding.TENSORS)):
        with pytest.raises(BadAnswer):
            answered(payload)
