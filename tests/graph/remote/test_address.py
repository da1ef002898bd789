"""Where the units of a deployment run that are not here, and over what they are called."""

from typing import Any

import pytest
import yaml

from infergraph.declaration import EndpointType, SeldonDeployment, inspect_text
from infergraph.errors import LoadError
from infergraph.graph.remote import Address, remote_addresses
from infergraph.graph.remote.address import parsed

REST, GRPC = EndpointType.REST, EndpointType.GRPC


def deployment(endpoint: Any, **spec: Any) -> SeldonDeployment:
    graph = {"name": "m", "type": "MODEL", "endpoint": endpoint}
    kind = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment", "metadata": {"name": "d"}}
    containers = [{"spec": {"containers": [{"name": "m", "image": "m:1"}]}}]
    one = {**kind, "spec": {**spec, "predictors": [{"name": "p", "graph": graph, "componentSpecs": containers}]}}
    return inspect_text(yaml.safe_dump(one), file="d.yaml").manifests[0].deployment


@pytest.mark.parametrize(
    ("endpoint", "transport", "expected"),
    [
        ({"httpPort": 1, "grpcPort": 2, "service_port": 3}, None, (1, REST)),
        ({"service_port": 3}, None, (3, REST)),
        ({"httpPort": 1, "grpcPort": 2, "type": "GRPC"}, None, (2, GRPC)),
        ({"httpPort": 1, "service_port": 3, "type": "GRPC"}, None, (3, GRPC)),
        ({"httpPort": 1, "grpcPort": 2}, "grpc", (2, GRPC)),
        ({"httpPort": 1, "grpcPort": 2, "type": "REST"}, None, (1, REST)),
    ],
)
def test_an_endpoint_says_where_and_over_what(endpoint: Any, transport: str | None, expected: Any) -> None:
    spec = {"transport": transport} if transport else {}
    found = remote_addresses(deployment({"service_host": "h", **endpoint}, **spec), {})
    assert found == {"p": {"m": Address("h", *expected)}}


def test_an_endpoint_without_a_port_is_refused() -> None:
    with pytest.raises(LoadError, match="no port for GRPC; say `grpcPort` or `service_port`"):
        remote_addresses(deployment({"service_host": "h", "httpPort": 1, "type": "GRPC"}), {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("h:1", Address("h", 1)),
        ("[::1]:1", Address("::1", 1)),
        ("http://h:1", Address("h", 1)),
        ("grpc://h:1", Address("h", 1, GRPC)),
    ],
)
def test_a_flag_says_where_and_over_what(text: str, expected: Address) -> None:
    assert parsed(text, "here") == expected


@pytest.mark.parametrize(
    "text", ["h", "h:", ":1", "h:x", "h:99999", "ftp://h:1", "grpc://h", "h:1/x", "u@h:1", "://h:1"]
)
def test_a_flag_that_says_nowhere_is_refused(text: str) -> None:
    with pytest.raises(LoadError, match="here: expected host:port or grpc://host:port"):
        parsed(text, "here")
