"""The definition of the custom resource, made from the types of the declaration."""

from infergraph.kubernetes.crd.definition import definition

__all__ = ["definition"]
