"""A service as a careful engineer writes it by hand: FastAPI on uvicorn, orjson both ways, nothing else."""

import os

import joblib
import numpy as np
import orjson
from fastapi import FastAPI, Request, Response

app = FastAPI(openapi_url=None)
model = joblib.load(os.environ["MODEL"])


def answer(content: object) -> Response:
    return Response(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")


@app.post("/predict")
async def predict(request: Request) -> Response:
    rows = np.array(orjson.loads(await request.body())["instances"], dtype=np.float64)
    return answer({"predictions": model.predict_proba(rows)})


@app.post("/identity")
async def identity(request: Request) -> Response:
    return answer({"predictions": np.array(orjson.loads(await request.body())["instances"], dtype=np.float32)})


@app.post("/raw")
async def raw(request: Request) -> Response:
    """A tensor as its bytes, copied once."""
    tensor = np.frombuffer(await request.body(), dtype="<f4").copy()
    return Response(tensor.tobytes(), media_type="application/octet-stream")
