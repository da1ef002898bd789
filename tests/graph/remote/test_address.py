"""Where the units of a deployment run that are not here, and over what they are called."""

from typing import Any

import pytest
import yaml

from infergraph.declaration import EndpointType, SeldonDeployment, inspect_text
from infergraph.errors import LoadError
from infergraph.graph.remote import Address, remote_addresses
from infergraph.graph.remote.address import Protocol, parsed

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


def proxied(transport: str = "", **parameters: str) -> Address | None:
    """The address of a TENSORFLOW_SERVER with these parameters."""
    listed = [{"name": name, "type": "STRING", "value": value} for name, value in parameters.items()]
    graph = {"name": "m", "implementation": "TENSORFLOW_SERVER", "modelUri": "./model", "parameters": listed}
    kind = {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment", "metadata": {"name": "d"}}
    spec = {"predictors": [{"name": "p", "graph": graph}], **({"transport": transport} if transport else {})}
    one = inspect_text(yaml.safe_dump({**kind, "spec": spec}), file="d.yaml").manifests[0].deployment
    assert remote_addresses(one, {}, here=("m",)) == {"p": {}}
    return remote_addresses(one, {})["p"].get("m")


BOTH = {"rest_endpoint": "http://127.0.0.1:2001", "grpc_endpoint": "127.0.0.1:2000"}


@pytest.mark.parametrize(
    ("transport", "parameters", "expected"),
    [
        ("", {"signature_name": "s"}, None),
        ("", {"rest_endpoint": "http://h:1"}, Address("h", 1, REST, Protocol.TENSORFLOW)),
        ("", {"grpc_endpoint": "h:1"}, Address("h", 1, GRPC, Protocol.TENSORFLOW)),
        ("", BOTH, Address("127.0.0.1", 2001, REST, Protocol.TENSORFLOW)),
        ("grpc", BOTH, Address("127.0.0.1", 2000, GRPC, Protocol.TENSORFLOW)),
        (
            "",
            {"rest_endpoint": "h:1", "model_name": "n", "signature_name": "s"},
            Address("h", 1, REST, Protocol.TENSORFLOW, "n", "s"),
        ),
    ],
)
def test_a_tensorflow_server_may_name_a_running_one(
    transport: str, parameters: dict[str, str], expected: Address | None
) -> None:
    assert proxied(transport, **parameters) == expected


def test_an_endpoint_of_tensorflow_serving_that_cannot_be_read() -> None:
    with pytest.raises(LoadError, match="unit `m`: rest_endpoint: expected host:port"):
        proxied(rest_endpoint="http://h")
