"""A deployment to measure: two predictors and a shadow."""

from infergraph.declaration import DeploymentSpec, PredictiveUnit, Predictor, SeldonDeployment, UnitType
from infergraph.declaration.metadata import ObjectMeta


def predictor(name: str, *, shadow: bool = False) -> Predictor:
    """A predictor of one model, with different versions in its annotation and its label."""
    return Predictor(
        name=name,
        graph=PredictiveUnit(name="model", type=UnitType.MODEL),
        traffic=0 if shadow else 50,
        shadow=shadow,
        annotations={"version": f"{name}-a"},
        labels={"version": f"{name}-l"},
    )


def deployment() -> SeldonDeployment:
    """The deployment ``shop``."""
    predictors = (predictor("hidden", shadow=True), predictor("main"), predictor("canary"))
    return SeldonDeployment(spec=DeploymentSpec(predictors=predictors), metadata=ObjectMeta(name="shop"))
