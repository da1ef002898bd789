"""Parameters of the v2 protocol in protobuf (Open Inference Protocol, InferParameter)."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from infergraph.payloads.payload import JsonObject

_LEAST = -(2**63)  # of int64


def parameters_in(parameters: Mapping[str, Any]) -> JsonObject:
    """The parameters as plain values; one without any is None."""
    return {name: _value(parameter) for name, parameter in parameters.items()}


def fill_parameters(parameters: Any, values: Mapping[str, Any]) -> None:
    """Write texts, numbers and booleans into a map of parameters; an integer that is too large becomes a float."""
    for name, value in values.items():
        parameter = parameters[name]
        if isinstance(value, bool | np.bool_):
            parameter.bool_param = bool(value)
        elif isinstance(value, str):
            parameter.string_param = value
        else:
            _fill_number(parameter, value)


def _fill_number(parameter: Any, value: Any) -> None:
    number = int(value) if isinstance(value, int | np.integer) else None
    if number is None or not _LEAST <= number < 2**64:
        parameter.double_param = float(value)
    elif number < 2**63:
        parameter.int64_param = number
    else:
        parameter.uint64_param = number


def _value(parameter: Any) -> Any:
    choice = parameter.WhichOneof("parameter_choice")
    return None if choice is None else getattr(parameter, choice)
