"""Parameters of the v2 protocol in protobuf."""

from typing import Any

import numpy as np
import pytest

from infergraph.payloads.infer_parameters import fill_parameters, parameters_in
from infergraph.payloads.protos import ModelInferResponse


@pytest.mark.parametrize(
    ("value", "choice", "again"),
    [
        (True, "bool_param", True),
        (np.bool_(False), "bool_param", False),
        ("é", "string_param", "é"),
        (-1, "int64_param", -1),
        (np.int8(-1), "int64_param", -1),
        (2**63 - 1, "int64_param", 2**63 - 1),
        (2**63, "uint64_param", 2**63),
        (2**64, "double_param", 2.0**64),
        (-(2**70), "double_param", -(2.0**70)),
        (1.5, "double_param", 1.5),
        (np.float32(1.5), "double_param", 1.5),
    ],
)
def test_each_value_has_its_choice(value: Any, choice: str, again: Any) -> None:
    message = ModelInferResponse()
    fill_parameters(message.parameters, {"p": value})
    assert message.parameters["p"].WhichOneof("parameter_choice") == choice
    found = parameters_in(message.parameters)["p"]
    assert (found, type(found)) == (again, type(again))


def test_a_parameter_without_a_value() -> None:
    message = ModelInferResponse()
    message.parameters["p"].SetInParent()
    assert parameters_in(message.parameters) == {"p": None}
