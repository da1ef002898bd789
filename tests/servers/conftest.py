"""The server that the tests of this folder attack."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from infergraph.servers.grpc_server import GrpcServerKind
from tests.servers import grpc_serving
from tests.servers.attacked import attacked
from tests.serving import Process


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, iris_model: Path) -> Iterator[Process]:
    with attacked(tmp_path_factory.mktemp("attacked"), iris_model) as process:
        yield process


@pytest.fixture(params=list(GrpcServerKind))
def each_grpc_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> GrpcServerKind:
    """`grpc_serving` of each kind, as far as it is installed."""
    kind: GrpcServerKind = request.param
    if kind is GrpcServerKind.NATIVE and importlib.util.find_spec("pygrpc_native") is None:
        pytest.skip("pygrpc-native is not installed")
    monkeypatch.setattr(grpc_serving, "KIND", kind)
    return kind
