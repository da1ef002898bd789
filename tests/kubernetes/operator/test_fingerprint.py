"""Whether an object is still what was applied."""

from typing import Any

import pytest

from infergraph.kubernetes.operator.fingerprint import APPLIED, contains, fields_mark, stamp, stamped

ONE: dict[str, Any] = {"kind": "Service", "metadata": {"name": "a", "annotations": {"b": "c"}}, "spec": {"x": [1, 2]}}


def test_the_stamp_is_that_of_what_is_said() -> None:
    first = stamped(ONE)
    assert first["metadata"]["annotations"] == {"b": "c", APPLIED: stamp(first)}
    assert stamp(stamped({**ONE, "spec": {"x": [2, 1]}})) != stamp(first)
    assert stamp(stamped(dict(reversed(ONE.items())))) == stamp(first)
    assert stamp(ONE) == ""
    assert APPLIED not in ONE["metadata"]["annotations"]


def test_fields_of_others_are_not_ours() -> None:
    ours = {"manager": "infergraph", "operation": "Apply", "fieldsV1": {"f:spec": {}}}
    status = {**ours, "subresource": "status", "fieldsV1": {"f:status": {}}}
    theirs = {**ours, "manager": "kubectl"}
    alone = fields_mark({"metadata": {"managedFields": [ours]}})
    assert alone
    assert fields_mark({"metadata": {"managedFields": [theirs, ours, status]}}) == alone
    assert fields_mark({"metadata": {"managedFields": [theirs]}}) == ""
    assert fields_mark({"metadata": {}}) == ""


@pytest.mark.parametrize(
    ("live", "said", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        ({}, {"a": 1}, False),
        ({"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 1}]}, True),
        ({"a": [1, 2]}, {"a": [1]}, False),
        ({"a": None}, {"a": {}}, True),
        ({}, {"a": []}, True),
        ({"a": 0}, {"a": 0}, True),
        ({"a": "500m"}, {"a": "0.5"}, False),
        ([], {"a": 1}, False),
    ],
)
def test_containing(live: Any, said: Any, *, expected: bool) -> None:
    assert contains(live, said) is expected
