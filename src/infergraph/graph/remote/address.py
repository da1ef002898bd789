"""Where a unit listens that runs in another process."""

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

import msgspec

from infergraph.declaration import EndpointType, PredictiveUnit, SeldonDeployment
from infergraph.declaration.unit import BUILT_IN_IMPLEMENTATIONS, UNKNOWN_IMPLEMENTATION
from infergraph.errors import LoadError

Addresses = Mapping[str, Mapping[str, "Address"]]
"""The units of a deployment that run elsewhere: predictor name, then unit name."""


class Protocol(StrEnum):
    """What is spoken with a component (SELDON_V1 §3.5)."""

    SELDON = "seldon"
    V2 = "v2"
    TENSORFLOW = "tensorflow"


_PROTOCOLS = {"": Protocol.SELDON, "kfserving": Protocol.V2} | {str(one): one for one in Protocol}


class Address(msgspec.Struct, frozen=True):
    """A host and a port, and what is spoken there; ``str(address)`` is as a URL has host and port.

    ``model`` is what the model is called there, the unit's name when it is empty, and ``signature`` the one of
    TensorFlow's that is asked, its default when it is empty.
    """

    host: str
    port: int
    transport: EndpointType = EndpointType.REST
    protocol: Protocol = Protocol.SELDON
    model: str = ""
    signature: str = ""

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def remote_addresses(
    deployment: SeldonDeployment, given: Mapping[str, str], here: Collection[str] = ()
) -> dict[str, dict[str, Address]]:
    """The units that run elsewhere: those of ``given``, and those whose endpoint says a host.

    ``given`` maps a name to ``host:port``, or to ``grpc://host:port``.

    Those of ``here`` run in this process, whatever the manifest says.
    The deployment is as its author wrote it: defaulting gives every container an endpoint. A built-in implementation
    has no process of its own, whatever its endpoint says.

    :raises LoadError: when an address cannot be read, or has no port.
    """
    flags = {name: parsed(text, f"--endpoint {name}={text}") for name, text in given.items()}
    return {
        predictor.name: dict(_of_units(predictor.graph.walk(), flags, here, deployment))
        for predictor in deployment.spec.predictors
    }


def _of_units(
    units: Iterator[PredictiveUnit], flags: Mapping[str, Address], here: Collection[str], deployment: SeldonDeployment
) -> Iterator[tuple[str, Address]]:
    for unit in units:
        if unit.name in flags:
            yield unit.name, msgspec.structs.replace(flags[unit.name], protocol=_protocol_of(deployment))
        elif unit.endpoint and unit.endpoint.service_host and unit.name not in here and not _is_built_in(unit):
            yield unit.name, _declared(unit, deployment)
        elif unit.name not in here and (address := serving_of(unit, deployment)):
            yield unit.name, address


def serving_of(unit: PredictiveUnit, deployment: SeldonDeployment) -> Address | None:
    """The TensorFlow Serving that a TENSORFLOW_SERVER names by ``rest_endpoint`` or ``grpc_endpoint`` (SELDON_V1 §5.3).

    With both, the deployment's transport chooses. None where it names none.

    :raises LoadError: when an address cannot be read.
    """
    if not unit.names_a_server:
        return None
    values = {parameter.name: parameter.value for parameter in unit.parameters}
    rest, grpc = values.get("rest_endpoint", ""), values.get("grpc_endpoint", "")
    is_grpc = not rest or (bool(grpc) and _of_deployment(deployment) is EndpointType.GRPC)
    text, name = (f"grpc://{grpc}", "grpc_endpoint") if is_grpc else (rest, "rest_endpoint")
    return msgspec.structs.replace(
        parsed(text, f"unit `{unit.name}`: {name}"),
        protocol=Protocol.TENSORFLOW,
        model=values.get("model_name", ""),
        signature=values.get("signature_name", ""),
    )


def _is_built_in(unit: PredictiveUnit) -> bool:
    return unit.implementation in BUILT_IN_IMPLEMENTATIONS - {UNKNOWN_IMPLEMENTATION}


def _declared(unit: PredictiveUnit, deployment: SeldonDeployment) -> Address:
    endpoint = unit.endpoint
    assert endpoint is not None  # noqa: S101 - who calls has looked
    transport = endpoint.type or _of_deployment(deployment)
    own, name = (endpoint.grpc_port, "grpcPort") if transport is EndpointType.GRPC else (endpoint.http_port, "httpPort")
    port = own or endpoint.service_port
    if not port:
        raise LoadError(
            f"unit `{unit.name}`: its endpoint has the host {endpoint.service_host} and no port for {transport}; "
            f"say `{name}` or `service_port`"
        )
    return Address(endpoint.service_host, port, transport, _protocol_of(deployment))


def _protocol_of(deployment: SeldonDeployment) -> Protocol:
    return _PROTOCOLS[deployment.spec.protocol or ""]


def _of_deployment(deployment: SeldonDeployment) -> EndpointType:
    return EndpointType.GRPC if deployment.spec.transport == "grpc" else EndpointType.REST


def parsed(text: str, where: str) -> Address:
    """The address that ``host:port`` or ``grpc://host:port`` says; an IPv6 address stands in brackets.

    :raises LoadError: when it says none; ``where`` is where it stands.
    """
    scheme, has_scheme, rest = text.partition("://")
    transport = _SCHEMES.get(scheme) if has_scheme else EndpointType.REST
    try:
        split = urlsplit(f"//{rest if has_scheme else text}")
        if transport is not None and split.hostname and split.port and not _has_more(split):
            return Address(split.hostname, split.port, transport)
    except ValueError:
        pass
    raise LoadError(f"{where}: expected host:port or grpc://host:port, as in 127.0.0.1:9000, got {text!r}")


_SCHEMES = {"http": EndpointType.REST, "grpc": EndpointType.GRPC}


def _has_more(split: SplitResult) -> bool:
    return bool(split.path or split.query or split.fragment or "@" in split.netloc)
