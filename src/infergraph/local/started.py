"""A unit whose microservice was started for it."""

from collections.abc import Iterable

import msgspec

from infergraph.declaration import SeldonDeployment


class StartedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """Which unit of which predictor it is, and the ``host:port`` where its microservice is, or will be again."""

    namespace: str
    deployment: str
    predictor: str
    unit: str
    address: str


def started_for(deployment: SeldonDeployment, started: Iterable[StartedUnit]) -> dict[str, dict[str, str]]:
    """The addresses of a deployment's units: predictor name, then unit name."""
    found: dict[str, dict[str, str]] = {predictor.name: {} for predictor in deployment.spec.predictors}
    for one in started:
        if (one.namespace, one.deployment) == (deployment.namespace, deployment.name):
            found[one.predictor][one.unit] = one.address
    return found
