"""One large tensor through each door: its bytes, and the way from them through a graph and back to bytes."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import numpy as np

from infergraph.graph.context import Context
from infergraph.graph.step import Step
from infergraph.payloads import Encoding, Payload, seldon_json, seldon_proto, v2_proto_request, v2_proto_response
from infergraph.payloads.protos import ModelInferRequest
from infergraph.payloads.v2_request import decode_request
from infergraph.payloads.v2_response import Model, encode_response

MODEL = Model("m", "1")
Ask = Callable[[Step], Awaitable[bytes]]


class Door(msgspec.Struct, frozen=True):
    """A door with a question that stands before it: ``ask`` takes it through a graph, there and back."""

    name: str
    ask: Ask
    is_binary: bool


def doors(array: Any) -> list[Door]:
    """Every door, with this tensor of FP32."""
    return [
        Door("seldon JSON ndarray", _seldon_json(array), is_binary=False),
        Door("seldon gRPC tftensor", _seldon_grpc(array), is_binary=True),
        Door("v2 REST JSON", _v2_rest(v2_json(array), None), is_binary=False),
        Door("v2 REST binary", _v2_rest(*v2_binary(array)), is_binary=True),
        Door("v2 gRPC raw", _v2_grpc(array), is_binary=True),
    ]


def v2_binary(array: Any) -> tuple[bytes, int]:
    """An inference request whose tensor follows its JSON, and the length of the JSON; bytes are wanted back."""
    tensor = {"name": "x", "shape": array.shape, "datatype": "FP32", "parameters": {"binary_data_size": array.nbytes}}
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    return head + array.tobytes(), len(head)


def v2_json(array: Any) -> bytes:
    """An inference request in JSON alone."""
    tensor = {"name": "x", "shape": array.shape, "datatype": "FP32", "data": array.ravel().tolist()}
    return json.dumps({"inputs": [tensor]}).encode()


def v2_raw(array: Any) -> bytes:
    """A ModelInferRequest with raw contents."""
    request = ModelInferRequest(model_name="m", raw_input_contents=[array.tobytes()])
    request.inputs.add(name="x", datatype="FP32", shape=array.shape)
    body: bytes = request.SerializeToString()
    return body


def _seldon_json(array: Any) -> Ask:
    body = json.dumps({"data": {"ndarray": array.tolist()}}).encode()

    async def ask(step: Step) -> bytes:
        payload = await step(seldon_json.decode_message(body), Context("p"))
        return seldon_json.encode_message(payload, body)

    return ask


def _seldon_grpc(array: Any) -> Ask:
    body = seldon_proto.encode_message(Payload(array, Encoding.TFTENSOR))

    async def ask(step: Step) -> bytes:
        return seldon_proto.encode_message(await step(seldon_proto.decode_message(body), Context("p")))

    return ask


def _v2_rest(body: bytes, length: int | None) -> Ask:
    head = body if length is None else body[:length]

    async def ask(step: Step) -> bytes:
        payload, wanted = decode_request(body, length, 100)
        return encode_response(await step(payload, Context("p")), wanted, MODEL, head)[0]

    return ask


def _v2_grpc(array: Any) -> Ask:
    body = v2_raw(array)

    async def ask(step: Step) -> bytes:
        question = v2_proto_request.decode_request(body)
        payload = await step(question.payload, Context("p"))
        return v2_proto_response.encode_response(payload, question.wanted, MODEL)

    return ask


def image() -> Any:
    """A picture as models take it."""
    return np.random.default_rng(0).random((1, 224, 224, 3), dtype=np.float32)
