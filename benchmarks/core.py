"""What InferGraph itself costs a request, without network and without a model: `make bench-core`.

Each figure is the median of several rounds, in microseconds for one request. Machines are noisy: compare rows of one
run with each other, not with another machine's.
"""

import asyncio
import statistics
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from benchmarks.copies import copies, step_of
from benchmarks.doors import doors, image, v2_binary, v2_raw
from infergraph.components import Component
from infergraph.declaration import DeploymentSpec, PredictiveUnit, Predictor, SeldonDeployment, UnitType
from infergraph.declaration.metadata import ObjectMeta
from infergraph.graph.compile import compile_deployment
from infergraph.graph.context import Context
from infergraph.graph.lane import Lane
from infergraph.graph.pace import PROBES
from infergraph.graph.shadow import Shadows
from infergraph.graph.step import Step
from infergraph.graph.unit import compile_unit
from infergraph.payloads import Payload, v2_proto_request
from infergraph.payloads.seldon_json import decode_message, encode_message
from infergraph.payloads.v2_request import decode_request
from infergraph.servers.app import Application
from infergraph.servers.limits import Limits
from infergraph.servers.request import Request
from infergraph.servers.served import Served
from infergraph.telemetry import UnitMetrics

ROUNDS = 9
ROW = b'{"data":{"ndarray":[[5.1,3.5,1.4,0.2]]}}'


class Identity:
    """The cheapest component that there is."""

    def predict(self, X: Any, names: list[str]) -> Any:
        return X

    def aggregate(self, features: list[Any], names: list[list[str]]) -> Any:
        return features[0]


def chain(length: int) -> PredictiveUnit:
    """Models one after the other."""
    unit = PredictiveUnit(name=f"u{length}", type=UnitType.MODEL)
    for number in range(length - 1, 0, -1):
        unit = PredictiveUnit(name=f"u{number}", type=UnitType.MODEL, children=(unit,))
    return unit


def fan_out(width: int) -> PredictiveUnit:
    """A combiner over models."""
    models = tuple(PredictiveUnit(name=f"m{number}", type=UnitType.MODEL) for number in range(width))
    return PredictiveUnit(name="combiner", type=UnitType.COMBINER, children=models)


def compiled(root: PredictiveUnit) -> Step:
    """The graph with the identity in every unit."""
    components = {unit.name: Component(unit.name, Identity(), image="identity:1") for unit in root.walk()}
    lanes = {name: Lane(name, threads=1, queue_length=1000) for name in components}
    return compile_unit(root, components, lanes).predict


def microseconds(call: Callable[[], Any], count: int) -> float:
    """The median cost of a call."""
    rounds = []
    for _ in range(ROUNDS):
        started = perf_counter()
        for _ in range(count):
            call()
        rounds.append((perf_counter() - started) / count * 1e6)
    return statistics.median(rounds)


async def step_microseconds(step: Callable[[], Awaitable[Any]], count: int) -> float:
    """The median cost of an awaited call, once its lane has found out that it is short."""
    for _ in range(PROBES * 3):
        await step()
    rounds = []
    for _ in range(ROUNDS):
        started = perf_counter()
        for _ in range(count):
            await step()
        rounds.append((perf_counter() - started) / count * 1e6)
    return statistics.median(rounds)


def echo(body: bytes) -> bytes:
    """Both ways through the codec."""
    return encode_message(decode_message(body), body)


def codec_rows() -> list[tuple[str, float, str]]:
    """Decode, encode, and both, for a row and for a thousand."""
    rows = []
    many = b'{"data":{"ndarray":%s}}' % str(np.random.default_rng(0).normal(size=(1000, 4)).tolist()).encode()
    for name, body, count in (("1x4", ROW, 5000), ("1000x4", many, 50)):
        payload = decode_message(body)
        aim = "<= 15" if name == "1x4" else ""
        rows.append((f"decode {name} ndarray", microseconds(partial(decode_message, body), count), ""))
        rows.append((f"encode {name} ndarray", microseconds(partial(encode_message, payload), count), ""))
        both = microseconds(partial(echo, body), count)
        rows.append((f"decode + encode {name}", both, aim))
    return rows


def v2_rows() -> list[tuple[str, float, str]]:
    """Decode a million floats in the v2 protocol."""
    floats = np.zeros((1, 1_000_000), dtype=np.float32)
    over_rest = partial(decode_request, *v2_binary(floats), 100)
    over_grpc = partial(v2_proto_request.decode_request, v2_raw(floats))
    return [
        ("decode 1 M floats, v2 REST binary", microseconds(over_rest, 500), "<= 50"),
        ("decode 1 M floats, v2 gRPC raw", microseconds(over_grpc, 500), "<= 50"),
    ]


async def door_rows() -> list[tuple[str, float, str]]:
    """An image through a graph of one unit, there and back; and how often it is copied on its way to the unit."""
    array, rows = image(), []
    for door in doors(array):
        step = step_of(Identity())
        cost = await step_microseconds(partial(door.ask, step), 20 if door.is_binary else 2)
        made = await copies(door.ask, array.nbytes)
        rows.append((f"1x224x224x3 FP32, {door.name}", cost, f"{made} copies{', aim 0' if door.is_binary else ''}"))
    return rows


def batch_rows() -> list[tuple[str, float, str]]:
    """What a row costs in a call of many: where it falls no more, a larger batch gains nothing."""
    x, y = load_iris(return_X_y=True)
    models = {"LogisticRegression": LogisticRegression(max_iter=500), "forest of 20": RandomForestClassifier(20)}
    rows = []
    for name, model in models.items():
        model.fit(x, y)
        for count in (1, 64, 1024, 4096, 16384):
            many = np.resize(x, (count, 4))
            cost = microseconds(partial(model.predict_proba, many), 3) / count
            rows.append((f"a row of {count} in one call, {name}", cost, ""))
    return rows


async def graph_rows() -> list[tuple[str, float, str]]:
    """Chains and fan-outs of fused units."""
    payload: Payload = decode_message(ROW)
    rows: list[tuple[str, float, str]] = []
    costs: dict[int, float] = {}
    for length in (1, 5, 20):
        step = compiled(chain(length))
        costs[length] = await step_microseconds(partial(step, payload, Context("p")), 2000)
        rows.append((f"chain of {length} fused units", costs[length], ""))
    rows.append(("each fused unit of a chain", (costs[20] - costs[1]) / 19, "<= 5"))
    for width in (2, 10):
        step = compiled(fan_out(width))
        cost = await step_microseconds(partial(step, payload, Context("p")), 500)
        rows.append((f"fan-out of {width} fused units, and a combiner", cost, ""))
    return rows


def served(name: str) -> Served:
    """A deployment of one identity, loaded."""
    predictor = Predictor(name="default", graph=chain(1), traffic=100)
    declared = SeldonDeployment(spec=DeploymentSpec(predictors=(predictor,)), metadata=ObjectMeta(name=name))
    one = Served(declared, Limits())
    components = {"default": {"u1": Component("u1", Identity(), image="identity:1")}}
    one.start(compile_deployment(declared, components, shadows=Shadows(), metrics=one.metrics), components)
    return one


async def application_rows() -> list[tuple[str, float, str]]:
    """A request from its head to its answer, and what of that is measuring it."""
    one = served("bench")
    application = Application([one])
    fields = [(b"host", b"x"), (b"content-type", b"application/json"), (b"seldon-puid", b"p")]

    async def ask() -> None:
        request = Request("POST", b"/api/v1.0/predictions", b"", fields)
        request.body = ROW if application.accept(request) else None
        await application(request)

    whole = await step_microseconds(ask, 2000)
    return [
        ("a request through the application", whole, ""),
        ("its metrics: the request, and the call of one unit", microseconds(partial(measured, one), 5000), "<= 2"),
    ]


def measured(one: Served) -> None:
    """What measuring does for a request with one unit."""
    meter = one.metrics.requests("predictions")
    timings = meter.start()
    timings.received_s = perf_counter()
    timings.decoded_s = perf_counter()
    asked_s = perf_counter()
    took_s = perf_counter() - asked_s
    CALLS.answered(1, took_s, took_s)
    timings.walked_s = perf_counter()
    meter.finish(timings, "POST", 200)


CALLS = UnitMetrics().calls("predict")


def main() -> None:
    table = Table("what", "µs", "aim", title=f"InferGraph's own cost of a request (Python {sys.version.split()[0]})")
    awaited = [row for rows in (door_rows(), graph_rows(), application_rows()) for row in asyncio.run(rows)]
    for name, cost, aim in codec_rows() + v2_rows() + batch_rows() + awaited:
        table.add_row(name, f"{cost:.1f}" if cost >= 1 else f"{cost:.3f}", aim)
    Console(width=90).print(table)


if __name__ == "__main__":
    main()
