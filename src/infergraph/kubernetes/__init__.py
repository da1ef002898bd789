"""A cluster: from a declaration to the objects of Kubernetes.

Belongs here: the pure functions that make objects and the definition of the custom resource, and what applies them.
MUST NOT be here: anything that serves a request. `objects` and `crd` import no client of Kubernetes: the same
declaration and the same settings give the same objects, on a laptop and in the operator.
"""
