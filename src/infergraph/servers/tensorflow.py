"""TensorFlow Serving's protocol over REST: predict, status and metadata of a model (SELDON_V1 §3.4)."""

from time import perf_counter
from typing import Any

from infergraph.graph import Context
from infergraph.payloads import json_text
from infergraph.payloads.payload import JsonObject
from infergraph.payloads.tensorflow_json import decode_predict, encode_predict
from infergraph.servers.answers import Answer, Form
from infergraph.servers.body import read_body
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.models import ONLY_VERSION, Models
from infergraph.servers.request import Request
from infergraph.servers.route import READ, Endpoint, Route
from infergraph.servers.served import Served

SIGNATURE = "serving_default"
"""What the one signature of a model is called; a request may call it anything."""

_DTYPES = {
    "BOOL": "DT_BOOL",
    "FP16": "DT_HALF",
    "FP32": "DT_FLOAT",
    "FP64": "DT_DOUBLE",
    "BF16": "DT_BFLOAT16",
    "BYTES": "DT_STRING",
    **{f"{sign}INT{bits}": f"DT_{sign}INT{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)},
}


def tensorflow_routes(prefix: str, served: Served, models: Models, headers: ResponseHeaders) -> dict[str, Route]:
    """Where a deployment answers, by path. ``/:predict`` is for gateways that dislike ``model:predict``."""
    base, meter = f"{prefix}/v1/models", served.metrics.requests
    endpoint, body_bytes = TensorflowPredict(served, models), served.limits.body_bytes
    predict = Route(("POST",), endpoint, headers, Form.ERROR, meter("predictions"), body_bytes=body_bytes)
    routes = {f"{base}:predict": predict, f"{base}/:predict": predict}
    for name in models.names:
        routes |= {f"{base}/{name}:predict": predict, f"{base}/{name}/:predict": predict}
        routes[f"{base}/{name}"] = Route(READ, _status(served, models, name), headers, Form.ERROR, meter("status"))
        routes[f"{base}/{name}/metadata"] = Route(READ, _metadata(models, name), headers, Form.ERROR, meter("metadata"))
    return routes


class TensorflowPredict:
    """POST …/v1/models/<model>:predict: instances or inputs in, predictions or outputs out."""

    def __init__(self, served: Served, models: Models) -> None:
        self._served = served
        self._models = models

    async def __call__(self, request: Request) -> Answer:
        served = self._served
        body = read_body(request, served.limits)
        step, timings = served.executable.predict, request.timings
        timings.received_s = perf_counter()
        if request.version:
            self._models.model(served.deployment.name, request.version)
        payload, is_rows = decode_predict(body, served.limits.json_depth)
        context = Context(request.puid, request.fields, timings)
        timings.decoded_s = perf_counter()
        async with served.deadline():
            payload = await step(payload, context)
        timings.walked_s = perf_counter()
        return Answer(200, encode_predict(payload, body, is_rows=is_rows))


def _status(served: Served, models: Models, name: str) -> Endpoint:
    async def status(request: Request) -> Answer:
        """As TensorFlow Serving says it, with the two members that KServe's v1 clients read."""
        state = "AVAILABLE" if served.is_ready else "LOADING"
        version = version_number(models.model(name, request.version).version) if served.is_ready else ONLY_VERSION
        described = {"version": version, "state": state, "status": {"error_code": "OK", "error_message": ""}}
        return _json({"name": name, "ready": served.is_ready, "model_version_status": [described]})

    return status


def _metadata(models: Models, name: str) -> Endpoint:
    async def metadata(request: Request) -> Answer:
        version = version_number(models.model(name, request.version).version)
        spec = {"name": name, "signature_name": "", "version": version}
        definition = {"signature_def": signatures_of(models, name, request.version)}
        return _json({"model_spec": spec, "metadata": definition})

    return metadata


def signatures_of(models: Models, name: str, version: str) -> JsonObject:
    """The signatures of a model, one, as the JSON of a SignatureDefMap. :raises NotFound: for another version."""
    known = models.metadata(name, version)
    signature = {
        "inputs": {one["name"]: _tensor(one) for one in known["inputs"]},
        "outputs": {one["name"]: _tensor(one) for one in known["outputs"]},
        "method_name": "tensorflow/serving/predict",
    }
    return {"signature_def": {SIGNATURE: signature}}


def _tensor(described: dict[str, Any]) -> dict[str, Any]:
    dimensions = [{"size": str(size), "name": ""} for size in described["shape"]]
    return {
        "dtype": _DTYPES.get(described["datatype"], "DT_INVALID"),
        "tensor_shape": {"dim": dimensions, "unknown_rank": False},
        "name": described["name"],
    }


def version_number(version: str) -> str:
    """TensorFlow's versions are numbers; an image's tag is none."""
    return version if version.isdigit() else ONLY_VERSION


def _json(value: Any) -> Answer:
    return Answer(200, json_text.encode(value))
