"""To whom an object belongs: the one owner reference that is its controller's."""

from collections.abc import Mapping
from typing import Any, Final

from infergraph.declaration import GROUP, KIND

CONTROLLER_ID: Final = "seldon.io/controller-id"


def controller_of(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The reference to the owner that controls an object."""
    for reference in data["metadata"].get("ownerReferences") or ():
        if reference.get("controller"):
            return dict(reference)
    return None


def owner_name(data: Mapping[str, Any]) -> str | None:
    """The name of the SeldonDeployment that an object belongs to; None where it is nobody's or somebody else's."""
    owner = controller_of(data)
    if owner is None or owner["kind"] != KIND or owner["apiVersion"].partition("/")[0] != GROUP:
        return None
    return str(owner["name"])


def owner_reference(owner: Mapping[str, Any]) -> dict[str, Any]:
    """What makes an object belong to a deployment: it goes when the deployment goes."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": KIND,
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
