"""Runs where kserve is: makes the calls that stdin lists, one after the other, and prints what came of each, as JSON.

A call names the protocol of the client, or grpc, a method and its arguments. An inference request comes as a list of
inputs, each with a name, a datatype, nested values and whether they travel as bytes.
"""

import asyncio
import json
import sys
from typing import Any

import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

NUMPY = {"FP16": "f2", "FP32": "f4", "FP64": "f8", "INT64": "i8", "UINT8": "u1", "BOOL": "?", "BYTES": "O"}


def request_of(model: str, inputs: list[Any], outputs: list[str] | None = None, **more: Any) -> Any:
    """An inference request."""
    made = []
    for one in inputs:
        array = np.array(one["values"], dtype=NUMPY[one["datatype"]])
        made.append(InferInput(one["name"], list(array.shape), one["datatype"]))
        made[-1].set_data_from_numpy(array, binary_data=one["is_binary"])
    wanted = [RequestedOutput(name, parameters={"binary_data": True}) for name in outputs or ()] or None
    return InferRequest(model, made, request_outputs=wanted, **more)


def written(answer: Any) -> Any:
    """An answer as JSON: an inference response with its arrays."""
    if not hasattr(answer, "outputs"):
        return answer
    outputs = [
        {"name": one.name, "datatype": one.datatype, "values": one.as_numpy().tolist()} for one in answer.outputs
    ]
    return {"id": answer.id, "model": answer.model_name, "outputs": outputs}


async def called(client: Any, call: dict[str, Any]) -> dict[str, Any]:
    """What came of one call: an answer, or an error with its status."""
    arguments = dict(call["arguments"])
    if "request" in call:
        arguments["infer_request" if call["client"] == "grpc" else "data"] = request_of(**call["request"])
    try:
        return {"answer": written(await getattr(client, call["method"])(**arguments))}
    except Exception as error:  # noqa: BLE001 - whatever it is, the test judges it
        return {"error": str(error), "kind": type(error).__name__}


async def main() -> None:
    """Every call, each with a client of its own."""
    answers = []
    for call in json.load(sys.stdin):
        is_grpc = call["client"] == "grpc"
        made = InferenceGRPCClient(call["at"]) if is_grpc else InferenceRESTClient(RESTConfig(protocol=call["client"]))
        async with made as client:
            answers.append(await called(client, call))
    json.dump(answers, sys.stdout, default=bytes.decode)  # over gRPC texts come as the bytes that they are


if __name__ == "__main__":
    asyncio.run(main())
