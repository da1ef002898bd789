import json
import struct

import numpy as np
import pytest

from benchmarks.peers import messages
from benchmarks.peers.messages import V2_LENGTH, Answer, Form, framed
from infergraph.payloads.protos import SeldonMessage

ROWS = np.array([[1.0, 2.0], [3.0, 4.5]])


def test_a_frame_says_that_nothing_is_compressed_and_how_long_it_is() -> None:
    assert framed(b"abc") == b"\x00" + struct.pack(">I", 3) + b"abc"


@pytest.mark.parametrize(
    ("form", "body"),
    [
        (messages.SELDON, {"data": {"ndarray": [[1.0, 2.0], [3.0, 4.5]]}}),
        (messages.SELDON_TENSOR, {"data": {"tensor": {"shape": [2, 2], "values": [1.0, 2.0, 3.0, 4.5]}}}),
        (messages.INSTANCES, {"instances": [[1.0, 2.0], [3.0, 4.5]]}),
        (
            messages.V2_PROBABILITIES,
            {
                "inputs": [{"name": "x", "shape": [2, 2], "datatype": "FP64", "data": [1.0, 2.0, 3.0, 4.5]}],
                "outputs": [{"name": "predict_proba"}],
            },
        ),
    ],
)
def test_a_request_in_json(form: Form, body: object) -> None:
    assert json.loads(form.write(ROWS).body) == body


@pytest.mark.parametrize("form", [messages.SELDON, messages.SELDON_TENSOR])
def test_the_answer_of_an_identity_is_the_question(form: Form) -> None:
    assert np.array_equal(form.read(Answer(form.write(ROWS).body, {})), ROWS)


@pytest.mark.parametrize("form", [messages.SELDON_GRPC, messages.SELDON_GRPC_TFTENSOR])
def test_the_same_over_grpc(form: Form) -> None:
    request = form.write(ROWS)
    assert SeldonMessage.FromString(request.body).WhichOneof("data_oneof") == "data"
    assert np.array_equal(form.read(Answer(request.body, {})), ROWS)


def test_a_binary_tensor_follows_its_json() -> None:
    request = messages.V2_BINARY.write(ROWS.astype("<f4"))
    length = int(request.headers[V2_LENGTH])
    assert json.loads(request.body[:length])["inputs"][0]["parameters"] == {"binary_data_size": 16}
    assert request.body[length:] == ROWS.astype("<f4").tobytes()


def test_a_binary_answer_is_read_behind_its_json() -> None:
    head = json.dumps({"outputs": [{"shape": [2, 2]}]}).encode()
    answer = Answer(head + ROWS.astype("<f4").tobytes(), {V2_LENGTH.lower(): str(len(head))})
    assert np.array_equal(messages.V2_BINARY.read(answer), ROWS)


def test_v2_answers_over_grpc_are_read_raw_and_typed() -> None:
    from tritonclient.grpc import service_pb2

    for has_raw in (True, False):
        message = service_pb2.ModelInferResponse()
        output = message.outputs.add(name="predict", datatype="FP64", shape=[2, 2])
        if has_raw:
            message.raw_output_contents.append(ROWS.tobytes())
        else:
            output.contents.fp64_contents.extend(ROWS.ravel().tolist())
        assert np.array_equal(messages.V2_GRPC.read(Answer(message.SerializeToString(), {})), ROWS)
