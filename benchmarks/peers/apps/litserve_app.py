"""LitServe with batching: a request's rows join those of others."""

import os
import sys
from typing import Any

import joblib
import litserve
import numpy as np
from fastapi import Request


class Iris(litserve.LitAPI):
    def setup(self, device: str) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    def decode_request(self, request: Request) -> Any:  # it is given the JSON of one
        return np.array(request["instances"], dtype=np.float64)

    def batch(self, inputs: Any) -> Any:
        return inputs

    def predict(self, batch: Any) -> Any:
        ends = np.cumsum([len(rows) for rows in batch])[:-1]
        return np.split(self.model.predict_proba(np.concatenate(batch)), ends)

    def unbatch(self, output: Any) -> Any:
        return output

    def encode_response(self, output: Any) -> Any:
        return {"predictions": output.tolist()}


class Identity(Iris):
    def predict(self, batch: Any) -> Any:
        return batch


if __name__ == "__main__":
    apis = [
        Iris(max_batch_size=64, batch_timeout=0.001, api_path="/predict"),
        Identity(max_batch_size=2, batch_timeout=0.001, api_path="/identity"),
    ]
    server = litserve.LitServer(apis, accelerator="cpu", workers_per_device=1, fast_queue=True, timeout=60)
    server.run(
        host="127.0.0.1", port=int(sys.argv[1]), num_api_servers=2, log_level="error", generate_client_file=False
    )
