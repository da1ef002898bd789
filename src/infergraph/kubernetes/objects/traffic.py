"""How a deployment's traffic is spread: what every ingress says in its own words."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from infergraph.declaration import SeldonDeployment
from infergraph.kubernetes.objects.variant import Variant

REST_TIMEOUT: Final = "seldon.io/rest-timeout"
GRPC_TIMEOUT: Final = "seldon.io/grpc-timeout"


class Traffic(Struct, frozen=True):
    """The predictors that answer, each with its share in per cent, and the one that gets copies."""

    shares: Sequence[tuple[Variant, int]]
    shadow: Variant | None


def traffic_of(variants: Sequence[Variant]) -> Traffic:
    """A predictor alone has all of it, whatever it says."""
    answering = [variant for variant in variants if not variant.predictor.shadow]
    shares = [(one, one.predictor.traffic if len(answering) > 1 else 100) for one in answering]
    return Traffic(shares, next((variant for variant in variants if variant.predictor.shadow), None))


def path_prefix(deployment: SeldonDeployment) -> str:
    """Where clients find the deployment behind an ingress."""
    return f"/seldon/{deployment.namespace}/{deployment.name}/"


def host(variant: Variant) -> str:
    """The name of the predictor's Service for everybody in the cluster."""
    return f"{variant.key}.{variant.namespace}.svc.cluster.local"
