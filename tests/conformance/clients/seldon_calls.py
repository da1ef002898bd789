"""Runs where seldon-core is: makes the calls that stdin lists, and prints what came of each, as JSON.

A call names a method of SeldonClient, the client's own arguments and the method's. Arrays come as lists, bytes as
base64 and messages as JSON.
"""

import base64
import json
import sys
from typing import Any

import numpy as np
from google.protobuf.json_format import MessageToDict
from seldon_core.seldon_client import SeldonClient
from seldon_core.utils import json_to_seldon_message

READ: dict[str, Any] = {
    "data": np.array,
    "bin_data": base64.b64decode,
    "prediction_request": json_to_seldon_message,
    "prediction_response": json_to_seldon_message,
    "prediction_truth": json_to_seldon_message,
}


def called(call: dict[str, Any]) -> dict[str, Any]:
    """What the client says of one call."""
    arguments = {name: READ.get(name, lambda same: same)(value) for name, value in call["arguments"].items()}
    answer = getattr(SeldonClient(**call["client"]), call["method"])(**arguments)
    kind = type(answer.response).__name__
    response = answer.response if kind in ("dict", "NoneType") else MessageToDict(answer.response)
    return {"success": answer.success, "message": answer.msg, "kind": kind, "response": response}


if __name__ == "__main__":
    json.dump([called(call) for call in json.load(sys.stdin)], sys.stdout)
