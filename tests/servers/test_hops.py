"""The way from the socket to the model: at most four frames of ours (DESIGN: the way of a request)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tritonclient.grpc import service_pb2, service_pb2_grpc

import infergraph
from infergraph.declaration import inspect_text
from infergraph.graph import pace
from infergraph.graph.compile import compile_deployment
from infergraph.graph.load import Sources, load_deployment
from infergraph.graph.shadow import Shadows
from infergraph.servers.app import Application
from infergraph.servers.grpc_target import GrpcTarget
from infergraph.servers.limits import Limits
from infergraph.servers.served import Served
from tests.servers.grpc_serving import grpc_serving
from tests.servers.raw import serving, talk
from tests.stubs import predict_request, prediction, rows, seldon

HEAD = b"POST %b HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
SELDON = (b"/api/v1.0/predictions", b'{"data":{"ndarray":[[1]]}}', "inference.py")
V2 = (
    b"/v2/models/m/infer",
    b'{"inputs":[{"name":"a","shape":[1],"datatype":"INT64","data":[1]}]}',
    "v2_inference.py",
)
TENSORFLOW = (b"/v1/models/m:predict", b'{"instances":[1]}', "tensorflow.py")
OURS = str(Path(infergraph.__file__).parent)

COMPONENT = """
import sys


class Tracing:
    def predict(self, X, names):
        frames, frame = [], sys._getframe(1)
        while frame is not None:
            frames.append(f"{frame.f_code.co_filename}:{frame.f_code.co_name}")
            frame = frame.f_back
        return frames
"""

MANIFEST = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: hops}
spec:
  predictors:
    - name: p
      componentSpecs: [{spec: {containers: [{name: m, image: "img:1"}]}}]
      graph: {name: m, type: MODEL, parameters: [{name: python_class, type: STRING, value: "tracing:Tracing"}]}
"""


def frames_in(answer: Any) -> list[str]:
    """The component's answer, in whichever protocol."""
    if "data" in answer:
        return list(answer["data"]["ndarray"])
    return list(answer["outputs"][0]["data"] if "outputs" in answer else answer["predictions"])


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_process: None) -> Served:
    monkeypatch.setattr(pace, "SHORT_S", 60.0)
    (tmp_path / "tracing.py").write_text(COMPONENT)
    (manifest,) = inspect_text(MANIFEST, file=str(tmp_path / "hops.yaml")).manifests
    served = Served(manifest.deployment, Limits())
    components = load_deployment(manifest, Sources())
    served.start(compile_deployment(manifest.deployment, components, shadows=Shadows()), components)
    return served


@pytest.mark.parametrize(("path", "body", "endpoint"), [SELDON, V2, TENSORFLOW])
def test_at_most_four_frames_of_ours(path: bytes, body: bytes, endpoint: str, served: Served) -> None:
    with serving(Application([served])) as server:
        answers = [talk(server, HEAD % (path, len(body)) + body)[0] for _ in range(pace.PROBES + 1)]
    assert ours(frames_in(json.loads(answers[-1].body))) == [
        "/components/operation.py:run",
        "/graph/lane.py:step",
        f"/servers/{endpoint}:__call__",
        "/servers/app.py:__call__",
    ]


def seldon_grpc(channel: Any) -> list[str]:
    return list(seldon(channel).Predict(rows([1])).data.ndarray)


def v2_grpc(channel: Any) -> list[str]:
    given = {"name": "x", "shape": [1], "datatype": "FP64", "contents": {"fp64_contents": [1]}}
    answer = service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelInfer(
        service_pb2.ModelInferRequest(inputs=[given])
    )
    return [frame.decode() for frame in answer.outputs[0].contents.bytes_contents]


def tensorflow_grpc(channel: Any) -> list[str]:
    answer = prediction(channel).Predict(predict_request("", {"x": [1.0]}))
    return [frame.decode() for frame in answer.outputs["predict"].string_val]


@pytest.mark.usefixtures("each_grpc_server")
@pytest.mark.parametrize(
    ("ask", "call"),
    [
        (seldon_grpc, "grpc_seldon.py:_predict"),
        (v2_grpc, "grpc_v2.py:_infer"),
        (tensorflow_grpc, "grpc_tensorflow.py:_predict"),
    ],
)
def test_at_most_four_frames_of_ours_over_grpc(ask: Callable[[Any], list[str]], call: str, served: Served) -> None:
    with grpc_serving(GrpcTarget(served, message_bytes=1000)) as (_, channel):
        answers = [ask(channel) for _ in range(pace.PROBES + 1)]
    assert ours(answers[-1]) == [
        "/components/operation.py:run",
        "/graph/lane.py:step",
        f"/servers/{call}",
        "/servers/grpc_calls.py:handle",
    ]


def ours(frames: list[str]) -> list[str]:
    """The frames of our own code, the model's side first."""
    return [frame.removeprefix(OURS) for frame in frames if frame.startswith(OURS) and "connection" not in frame]
