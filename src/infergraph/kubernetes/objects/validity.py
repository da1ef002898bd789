"""Whether a cluster takes the names of the objects: better said here than by an API server, one after the other."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from infergraph.declaration import SeldonDeployment
from infergraph.errors import BadManifest
from infergraph.kubernetes.objects import names
from infergraph.kubernetes.objects.kube_object import KubeObject

_SERVICE: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")  # RFC 1035, for it is a host name
_OTHER: Final = re.compile(r"[a-z0-9]([-.a-z0-9]*[a-z0-9])?")  # RFC 1123


def check_names(deployment: SeldonDeployment, objects: Iterable[KubeObject]) -> None:
    """That each name can be one, that no two objects of a kind have the same, and that none is an explainer's.

    :raises BadManifest: naming all that cannot.
    """
    seen = set(_reserved(deployment))
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


def _reserved(deployment: SeldonDeployment) -> Iterator[tuple[str, str]]:
    for predictor in deployment.spec.predictors:
        if predictor.explainer and predictor.explainer.type:
            name = names.explainer_name(deployment.name, predictor.name)
            yield from (("Deployment", name), ("Service", name))
