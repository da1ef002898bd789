"""What a component's environment says of the unit that it is."""

import os

_UNKNOWN = "NOT_IMPLEMENTED"


def get_deployment_name(default_val: str = _UNKNOWN) -> str:
    """The name of the deployment."""
    return os.environ.get("SELDON_DEPLOYMENT_ID", default_val)


def get_predictor_name(default_val: str = _UNKNOWN) -> str:
    """The name of the predictor."""
    return os.environ.get("PREDICTOR_ID", default_val)


def get_model_name(default_val: str = _UNKNOWN) -> str:
    """The name of the unit."""
    return os.environ.get("PREDICTIVE_UNIT_ID", default_val)


def get_image_name(default_val: str = f"{_UNKNOWN}:{_UNKNOWN}") -> str:
    """The unit's image."""
    return os.environ.get("PREDICTIVE_UNIT_IMAGE", default_val)
