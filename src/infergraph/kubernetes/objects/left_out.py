"""What a manifest asks for that is not made: said, so that nobody waits for it in vain."""

from collections.abc import Iterator

from infergraph.declaration import SeldonDeployment


def left_out(deployment: SeldonDeployment) -> Iterator[str]:
    """A sentence for each wish of the manifest that no object fulfils."""
    if deployment.spec.server_type not in ("", "rpc"):
        yield f"serverType {deployment.spec.server_type} is not served, and an engine that is to does not start"
    for predictor in deployment.spec.predictors:
        if predictor.explainer and predictor.explainer.type:
            yield f"the explainer of predictor {predictor.name} is not run: no objects are made for it"
