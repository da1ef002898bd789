"""The ValidatingWebhookConfiguration: what the API server asks us about (SELDON_V1 §1.1, §10)."""

from typing import Any

from infergraph.declaration import GROUP
from infergraph.kubernetes.crd.definition import PLURAL
from infergraph.kubernetes.operator.owners import CONTROLLER_ID
from infergraph.kubernetes.webhook.server import PATH

HOOK = "v1.vseldondeployment.kb.io"


def webhook_configuration(
    name: str, client: dict[str, Any], *, controller_id: str = "", watched_namespace: str = ""
) -> dict[str, Any]:
    """The configuration; ``client`` is its ``clientConfig``, without a bundle: that one is the keeper's.

    An operator of one namespace is asked about namespaces that bear its name as their label, as Seldon Core v1 has it.
    """
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [
            {
                "name": HOOK,
                "admissionReviewVersions": ["v1", "v1beta1"],
                "clientConfig": client,
                "failurePolicy": "Fail",
                "matchPolicy": "Equivalent",
                "sideEffects": "None",
                "timeoutSeconds": 10,
                "namespaceSelector": {"matchExpressions": [_labelled(watched_namespace)]},
                "objectSelector": {"matchExpressions": [_labelled(controller_id)]},
                "rules": [
                    {
                        "apiGroups": [GROUP],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE", "UPDATE"],
                        "resources": [PLURAL],
                        "scope": "Namespaced",
                    }
                ],
            }
        ],
    }


def service_client(service: str, namespace: str, *, port: int = 443) -> dict[str, Any]:
    """The ``clientConfig`` of a webhook behind a Service."""
    return {"service": {"name": service, "namespace": namespace, "port": port, "path": PATH}}


def _labelled(value: str) -> dict[str, Any]:
    """Those with this value of the label; for the empty text those without the label."""
    if value:
        return {"key": CONTROLLER_ID, "operator": "In", "values": [value]}
    return {"key": CONTROLLER_ID, "operator": "DoesNotExist"}
