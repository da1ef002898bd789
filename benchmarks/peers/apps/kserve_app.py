"""KServe's model server: `kserve_app.py` with the server's own arguments."""

import argparse
import os
from typing import Any

import joblib
import kserve
import numpy as np
from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer


def inputs_of(payload: Any) -> Any:
    """The array of a v1 or a v2 request."""
    return payload.inputs[0].as_numpy() if isinstance(payload, InferRequest) else np.array(payload["instances"])


def answer(payload: Any, name: str, result: Any, datatype: str) -> Any:
    """What fits the request's protocol. A v2 answer is binary where the request was, or asked for it."""
    if not isinstance(payload, InferRequest):
        return {"predictions": result.tolist()}
    output = InferOutput(name="predict", shape=list(result.shape), datatype=datatype)
    is_binary = payload.from_grpc or payload.use_binary_outputs
    output.set_data_from_numpy(result, binary_data=is_binary)
    return InferResponse(
        response_id=payload.id or "",
        model_name=name,
        infer_outputs=[output],
        use_binary_outputs=payload.use_binary_outputs,
        requested_outputs=payload.request_outputs,
    )


class Iris(Model):
    def load(self) -> bool:
        self.model = joblib.load(os.environ["MODEL"])
        self.ready = True
        return True

    def predict(self, payload: Any, headers: Any = None, response_headers: Any = None) -> Any:
        return answer(payload, self.name, self.model.predict_proba(inputs_of(payload)), "FP64")


class Identity(Model):
    def load(self) -> bool:
        self.ready = True
        return True

    def predict(self, payload: Any, headers: Any = None, response_headers: Any = None) -> Any:
        return answer(payload, self.name, inputs_of(payload).astype(np.float32, copy=False), "FP32")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(parents=[kserve.model_server.parser]).parse_args()
    models: list[Any] = [Iris("iris"), Identity("identity")]
    for model in models:
        model.load()
    ModelServer(
        http_port=arguments.http_port,
        grpc_port=arguments.grpc_port,
        workers=arguments.workers,
        enable_latency_logging=False,
        access_log_format=None,
    ).start(models)
