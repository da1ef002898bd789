"""Kinds of Kubernetes that the operator calls for itself, for the client: their objects are plain mappings."""

from lightkube.generic_resource import create_global_resource, create_namespaced_resource

LEASE = create_namespaced_resource("coordination.k8s.io", "v1", "Lease", "leases")
SECRET = create_namespaced_resource("", "v1", "Secret", "secrets")
SERVICE_ACCOUNT = create_namespaced_resource("", "v1", "ServiceAccount", "serviceaccounts")
WEBHOOK_CONFIGURATION = create_global_resource(
    "admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations"
)
ACCESS_REVIEW = create_global_resource(
    "authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews"
)
