"""Where everything is, told once when everything is ready."""

import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from infergraph.servers.served import Served


class Share(msgspec.Struct, frozen=True):
    """A predictor and what it gets: a part of the requests in per cent, or a copy of each."""

    predictor: str
    traffic: int
    is_shadow: bool


class Address(msgspec.Struct, frozen=True):
    """Where one deployment is: ``short`` is the shortest URL of its predictions, ``curl`` a request to copy, ``grpc``
    what a call says so that it is for this one.
    """

    name: str
    namespace: str
    short: str
    predictions: str
    docs: str
    curl: str
    grpc: str
    shares: Sequence[Share]


class Announcement(msgspec.Struct, frozen=True):
    """The URL, the address of gRPC where there is one, and the deployments.

    ``has_custom_service`` says that the component has something to run beside the servers.
    """

    url: str
    grpc: str | None
    deployments: Sequence[Address]
    has_custom_service: bool = False


Announcer = Callable[[Announcement], None]


def announcement(url: str, served: Sequence["Served"], grpc: str | None = None) -> Announcement:
    """What there is to tell of deployments that are loaded."""
    return Announcement(url, grpc, [_address(url, one, served) for one in served])


def _address(url: str, one: "Served", served: Sequence["Served"]) -> Address:
    deployment = one.deployment
    return Address(
        name=deployment.name,
        namespace=deployment.namespace,
        short=url + _short_path(one, served),
        predictions=f"{url}{one.path}/api/v1.0/predictions",
        docs=f"{url}{one.path}/api/v1.0/doc/",
        curl=_curl(url + _short_path(one, served), one),
        grpc=_grpc(one, served),
        shares=[Share(p.name, p.traffic, p.shadow) for p in deployment.spec.predictors],
    )


def _grpc(one: "Served", served: Sequence["Served"]) -> str:
    call = "seldon.protos.Seldon/Predict"
    if len(served) == 1:
        return call
    return f"{call}, metadata seldon: {one.deployment.name}, namespace: {one.deployment.namespace}"


def _short_path(one: "Served", served: Sequence["Served"]) -> str:
    return ("" if len(served) == 1 else one.path) + "/api/v1.0/predictions"


def _curl(url: str, one: "Served") -> str:
    """A command that asks a deployment something it can answer, when its model says what it takes."""
    from infergraph.servers.examples import example_kind, example_texts

    metadata = one.graph_metadata()
    body = shlex.quote(example_texts(metadata)[example_kind(metadata)])
    return f"curl -s {url} -H 'Content-Type: application/json' -d {body}"
