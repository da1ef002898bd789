"""Whether a cluster takes the names of the objects: better said here than by an API server, one after the other."""

import re
from collections.abc import Iterable
from typing import Final

from infergraph.errors import BadManifest
from infergraph.kubernetes.objects.kube_object import KubeObject

_SERVICE: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")  # RFC 1035, for it is a host name
_OTHER: Final = re.compile(r"[a-z0-9]([-.a-z0-9]*[a-z0-9])?")  # RFC 1123


def check_names(objects: Iterable[KubeObject]) -> None:
    """That each name can be one, and that no two objects of a kind have the same.

    :raises BadManifest: naming all that cannot.
    """
    seen: set[tuple[str, str]] = set()
    sentences = []
    for one in objects:
        kind, name = one["kind"], one["metadata"]["name"]
        if not (_SERVICE if kind == "Service" else _OTHER).fullmatch(name):
            sentences.append(
                f"the {kind} {name!r} cannot be called so: Kubernetes takes lower-case letters, digits and dashes, and "
                "the name is made of those of the deployment, the predictor and the container"
            )
        if (kind, name) in seen:
            sentences.append(f"two objects would be the {kind} {name!r}: choose another name of predictor or container")
        seen.add((kind, name))
    if sentences:
        raise BadManifest("\n".join(sentences))
