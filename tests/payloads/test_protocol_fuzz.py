"""Whatever comes is a request or a refusal in words, in the v2 and the tensorflow protocols."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from infergraph.errors import RequestError
from infergraph.payloads import seldon_proto, tensorflow_proto, v2_proto_request, v2_proto_response
from infergraph.payloads.protos import ModelInferRequest, ModelInferResponse, PredictResponse
from infergraph.payloads.protos.wire import field
from infergraph.payloads.tensorflow_json import decode_predict, encode_predict
from infergraph.payloads.v2_request import decode_request
from infergraph.payloads.v2_response import Model, encode_response
from tests.payloads.tensors import datatypes

LEAVES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=4)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
NUMBERS = st.lists(st.integers(-1, 3) | LEAVES, max_size=4)
PARAMETERS = st.dictionaries(
    st.sampled_from(["binary_data_size", "binary_data", "binary_data_output", "content_type", "datatype"]),
    st.integers(-1, 9) | st.booleans() | st.sampled_from(["str", "BF16"]) | VALUES,
    max_size=2,
)


def member(**fields: Any) -> Any:
    """An object with some of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


INPUT = member(
    name=st.sampled_from(["a", "b"]), shape=NUMBERS, datatype=datatypes, parameters=PARAMETERS, data=NUMBERS | VALUES
)
OUTPUT = member(name=st.sampled_from(["predict", "a"]), parameters=PARAMETERS)
REQUEST = member(inputs=st.lists(INPUT, max_size=3), id=VALUES, parameters=PARAMETERS, outputs=st.lists(OUTPUT))
PREDICT = member(instances=VALUES | st.lists(st.fixed_dictionaries({"a": VALUES})), inputs=VALUES)


def written(message: Any) -> bytes:
    """The JSON of a message."""
    return msgspec.json.encode(message)


def assert_words(error: RequestError) -> None:
    """A refusal says something, and not everything."""
    assert 0 < len(str(error)) < 600


@given(REQUEST | VALUES, st.binary(max_size=20), st.booleans())
def test_any_inference_request(message: Any, rest: bytes, is_split: bool) -> None:
    head = written(message)
    try:
        payload, wanted = decode_request(head + (rest if is_split else b""), len(head) if is_split else None, 20)
        body, length = encode_response(payload, wanted, Model("m", "1"), head)
    except RequestError as error:
        assert_words(error)
    else:
        assert msgspec.json.decode(body[:length])["model_name"] == "m"


@given(PREDICT | VALUES)
def test_any_predict_request(message: Any) -> None:
    body = written(message)
    try:
        payload, is_rows = decode_predict(body, 20)
        answer = encode_predict(payload, body, is_rows=is_rows)
    except RequestError as error:
        assert_words(error)
    else:
        assert msgspec.json.decode(answer).keys() == {"predictions" if is_rows else "outputs"}


SIZES = st.lists(st.integers(-1, 3) | st.integers(-(2**63), 2**63 - 1), max_size=3)
CONTENTS = st.fixed_dictionaries(
    {},
    optional={
        "bool_contents": st.lists(st.booleans(), max_size=3),
        "int_contents": st.lists(st.integers(-(2**31), 2**31 - 1), max_size=3),
        "uint_contents": st.lists(st.integers(0, 2**32 - 1), max_size=3),
        "int64_contents": st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3),
        "fp32_contents": st.lists(st.floats(width=32), max_size=3),
        "fp64_contents": st.lists(st.floats(), max_size=3),
        "bytes_contents": st.lists(st.binary(max_size=3), max_size=3),
    },
)
GIVEN = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "b", ""]), "datatype": datatypes | st.just("FP7"), "shape": SIZES},
    optional={"contents": CONTENTS, "parameters": st.just({"content_type": {"string_param": "str"}})},
)


@given(st.lists(GIVEN, max_size=3), st.lists(st.binary(max_size=12), max_size=2), st.lists(OUTPUT, max_size=2))
def test_any_inference_request_in_protobuf(inputs: Any, raw: list[bytes], outputs: Any) -> None:
    names = [{"name": one.get("name", "predict")} for one in outputs]
    message = ModelInferRequest(model_name="m", inputs=inputs, raw_input_contents=raw, outputs=names)
    try:
        question = v2_proto_request.decode_request(message.SerializeToString())
        body = v2_proto_response.encode_response(question.payload, question.wanted, Model("m", "1"))
    except RequestError as error:
        assert_words(error)
    else:
        assert ModelInferResponse.FromString(body).model_name == "m"


@given(st.dictionaries(st.text(max_size=2), st.binary(max_size=40), max_size=3))
def test_any_predict_request_in_protobuf(tensors: dict[str, bytes]) -> None:
    entries = [field(2, [*field(1, [name.encode()]), *field(2, [tensor])]) for name, tensor in tensors.items()]
    try:
        question = tensorflow_proto.decode_predict(b"".join(piece for entry in entries for piece in entry))
        body = tensorflow_proto.encode_predict(question.payload, question, name="m", version=1, output="predict")
    except RequestError as error:
        assert_words(error)
    else:
        assert PredictResponse.FromString(body).model_spec.name == "m"


@given(st.binary(max_size=60))
def test_any_bytes_for_protobuf(body: bytes) -> None:
    for decode in (v2_proto_request.decode_request, tensorflow_proto.decode_predict, seldon_proto.decode_message):
        try:
            decode(body)
        except RequestError as error:
            assert_words(error)


@given(st.binary(max_size=60), st.none() | st.integers(0, 60))
def test_any_bytes(body: bytes, length: int | None) -> None:
    for decode in (lambda: decode_request(body, length, 20), lambda: decode_predict(body, 20)):
        try:
            decode()
        except RequestError as error:
            assert_words(error)
