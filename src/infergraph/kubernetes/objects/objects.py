"""From a deployment to every object of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from infergraph.declaration import SeldonDeployment
from infergraph.kubernetes.objects.ambassador import ambassador_mappings
from infergraph.kubernetes.objects.autoscaling import autoscalers, disruption_budgets, scaled_objects
from infergraph.kubernetes.objects.credentials import NONE, Credentials
from infergraph.kubernetes.objects.deployments import deployments
from infergraph.kubernetes.objects.gateway_api import gateway_routes
from infergraph.kubernetes.objects.istio import istio_routes
from infergraph.kubernetes.objects.kube_object import KubeObject
from infergraph.kubernetes.objects.own_gateway import own_gateway
from infergraph.kubernetes.objects.services import services
from infergraph.kubernetes.objects.settings import Settings
from infergraph.kubernetes.objects.validity import check_names
from infergraph.kubernetes.objects.variant import Variant, variants_of

STANDARD: Final = Settings()


def objects(
    deployment: SeldonDeployment, settings: Settings = STANDARD, credentials: Mapping[str, Credentials] = NONE
) -> list[KubeObject]:
    """Every object of a deployment that keeps the rules, in the order in which they are applied (SELDON_V1 §2.9).

    ``credentials`` are those of the service accounts that `accounts_needed` names, as far as they have any. The same
    arguments give the same objects, to the byte. Owner references are the operator's matter.

    :raises BadManifest: when the manifest says what no cluster can run; the sentence says what and where.
    """
    found = list(_objects(variants_of(deployment, settings, credentials)))
    check_names(deployment, found)
    return found


def _objects(variants: Sequence[Variant]) -> Iterator[KubeObject]:
    for variant in variants:
        yield from services(variant, variants)
    for of_predictor in (autoscalers, scaled_objects, disruption_budgets, deployments):
        for variant in variants:
            yield from of_predictor(variant)
    for of_deployment in (istio_routes, ambassador_mappings, gateway_routes, own_gateway):
        yield from of_deployment(variants)
