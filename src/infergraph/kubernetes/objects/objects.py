"""From a deployment to every object of it."""

from typing import Final

from infergraph.declaration import SeldonDeployment
from infergraph.kubernetes.objects.autoscaling import autoscalers, disruption_budgets, scaled_objects
from infergraph.kubernetes.objects.deployments import deployments
from infergraph.kubernetes.objects.kube_object import KubeObject
from infergraph.kubernetes.objects.services import services
from infergraph.kubernetes.objects.settings import Settings
from infergraph.kubernetes.objects.validity import check_names
from infergraph.kubernetes.objects.variant import variants_of

STANDARD: Final = Settings()

_OF_VARIANTS: Final = (services, autoscalers, scaled_objects, disruption_budgets, deployments)
"""In the order in which they are applied (SELDON_V1 §2.9)."""


def objects(deployment: SeldonDeployment, settings: Settings = STANDARD) -> list[KubeObject]:
    """Every object of a deployment that keeps the rules, in the order in which they are applied.

    The same deployment and settings give the same objects, to the byte. Owner references are the operator's matter.

    :raises BadManifest: when the manifest says what no cluster can run; the sentence says what and where.
    """
    variants = variants_of(deployment, settings)
    found = [made for make in _OF_VARIANTS for variant in variants for made in make(variant)]
    check_names(found)
    return found
