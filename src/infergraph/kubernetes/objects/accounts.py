"""Whose secrets a unit's model files are fetched with: a service account's (SELDON_V1 §6)."""

from collections.abc import Iterator
from typing import Final

from infergraph.declaration import PredictiveUnit, Predictor, SeldonDeployment

_DEFAULT: Final = "default"
_NEED_NONE: Final = ("pvc:", "http:", "https:", "file:", "hf:", "az:", "azure:", "abfs:", "abfss:", "/", ".")
"""Addresses of stores that no secret of a service account is for."""


def accounts_needed(deployment: SeldonDeployment) -> list[str]:
    """The names of the service accounts, in the deployment's namespace, whose secrets its model files may need."""
    return sorted({account for predictor in deployment.spec.predictors for account in accounts_of(predictor)})


def account_of(predictor: Predictor, unit: PredictiveUnit) -> str:
    """Whose secrets fetch the unit's files: the unit's account, its pod's, or the default one. Empty: nobody's can."""
    if not (unit.is_prepackaged and unit.model_uri) or unit.model_uri.startswith(_NEED_NONE):
        return ""
    return unit.service_account_name or _of_pod(predictor, unit) or _DEFAULT


def accounts_of(predictor: Predictor) -> Iterator[str]:
    """The accounts of a predictor's units, in their order."""
    return filter(None, (account_of(predictor, unit) for unit in predictor.units()))


def _of_pod(predictor: Predictor, unit: PredictiveUnit) -> str:
    """That of the pod that holds the unit; what has no container yet comes into the first pod."""
    specs = [component.spec for component in predictor.component_specs if component.spec]
    holding = [spec for spec in specs if any(container.name == unit.name for container in spec.containers)]
    return next((spec.service_account_name for spec in [*holding, *specs[:1]]), "")
