"""Annotations that say numbers."""

from typing import TypeVar

from infergraph.declaration import SeldonDeployment
from infergraph.errors import BadManifest

Default = TypeVar("Default", int, None)


def number(deployment: SeldonDeployment, annotation: str, default: Default) -> int | Default:
    """The number that an annotation of the deployment says, or the default where it is not there.

    :raises BadManifest: when it says none.
    """
    text = deployment.annotation(annotation)
    if text is None:
        return default
    try:
        return int(text)
    except ValueError:
        raise BadManifest(f"the annotation {annotation} is a whole number, got {text!r}") from None
