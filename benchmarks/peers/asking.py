"""One question to a server, and whether its answer is right."""

import http.client

import grpc
import joblib
import numpy as np
from sklearn.datasets import load_iris

from benchmarks.peers.environment import models
from benchmarks.peers.messages import Answer, Array, Request
from benchmarks.peers.server import OURS, Target

ANSWER_S = 30
IMAGE = (1, 224 * 224 * 3)


class WrongAnswer(Exception):
    """Raised when a server answers an error, or other numbers than the model's."""


def question(case: str, rows: int) -> Array:
    """What is asked: flowers, or for the identity a tensor as large as an image (float32)."""
    if case == "identity":
        return np.random.default_rng(0).random(IMAGE, dtype=np.float32)
    flowers: Array = load_iris().data
    return np.resize(flowers, (rows, 4))


def expected(case: str, array: Array) -> Array:
    """What the model itself answers."""
    if case in {"identity", "echo"}:
        return array
    model = joblib.load(models(OURS) / "model.joblib")
    answer: Array = model.predict_proba(array / 10) * 100 if case == "graph" else model.predict_proba(array)
    return answer


def ask(target: Target, port: int, request: Request) -> Answer:
    """Send one request.

    :raises WrongAnswer: when the answer is an error, or there is none.
    """
    try:
        return _call(target, port, request) if target.is_grpc else _post(target, port, request)
    except grpc.RpcError as error:
        raise WrongAnswer(f"{error.code().name}: {error.details()}") from None
    except (OSError, http.client.HTTPException) as error:
        raise WrongAnswer(f"no answer: {type(error).__name__} {error}") from None


def check(target: Target, answer: Answer, right: Array) -> None:
    """Compare an answer with what the model itself says.

    :raises WrongAnswer: when it differs.
    """
    try:
        got = target.form.read(answer)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise WrongAnswer(f"unreadable: {type(error).__name__} {error}: {answer.body[:200]!r}") from None
    if got.shape != right.shape or not np.allclose(got, right, rtol=1e-5, atol=1e-8):
        raise WrongAnswer(
            f"shape {got.shape}, {got.ravel()[:4]} where the model says {right.shape}, {right.ravel()[:4]}"
        )


def _post(target: Target, port: int, request: Request) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
    try:
        connection.request("POST", target.path, request.body, dict(request.headers))
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    if response.status != 200:
        raise WrongAnswer(f"status {response.status}: {body[:200]!r}")
    return Answer(body, {name.lower(): value for name, value in response.getheaders()})


def _call(target: Target, port: int, request: Request) -> Answer:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.unary_unary(target.path, request_serializer=bytes, response_deserializer=bytes)
        return Answer(call(request.body, timeout=ANSWER_S, wait_for_ready=False), {})
