"""What a manifest asks for that one machine does not do: said at the start, so that nobody waits for it in vain."""

from collections.abc import Iterator

from infergraph.declaration import Predictor, SeldonDeployment


def left_out(deployment: SeldonDeployment, *, speaks_tls: bool = False) -> list[str]:
    """A sentence for each wish of the manifest that is not fulfilled here."""
    spec = deployment.spec
    sentences = []
    if spec.server_type not in ("", "rpc"):
        sentences.append(f"serverType {spec.server_type} is not served here, REST is")
    for predictor in spec.predictors:
        sentences += _of_predictor(predictor, speaks_tls=speaks_tls)
    return sentences


def _of_predictor(predictor: Predictor, *, speaks_tls: bool) -> Iterator[str]:
    if predictor.explainer is not None and predictor.explainer.type:
        yield f"the explainer of predictor {predictor.name} does not run here"
    if predictor.ssl is not None and predictor.ssl.cert_secret_name and not speaks_tls:
        yield f"predictor {predictor.name} asks for TLS, and this is plain HTTP"
    for unit in predictor.units():
        if unit.logger is not None:
            yield f"the payloads of unit {unit.name} are not logged to {unit.logger.url or 'its logger'}"
