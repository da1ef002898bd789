"""Parameters of the v2 protocol in protobuf (Open Inference Protocol, InferParameter)."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from infergraph.payloads.payload import JsonObject

_INT64 = range(-(2**63), 2**63)
_UINT64 = range(2**64)


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
        elif isinstance(value, int | np.integer) and value in _UINT64:
            setattr(parameter, "int64_param" if value in _INT64 else "uint64_param", int(value))
        elif isinstance(value, int | np.integer) and value in _INT64:
            parameter.int64_param = int(value)
        else:
            parameter.double_param = float(value)


def _value(parameter: Any) -> Any:
    choice = parameter.WhichOneof("parameter_choice")
    return None if choice is None else getattr(parameter, choice)
