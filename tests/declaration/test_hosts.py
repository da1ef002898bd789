"""Names of Services, and when the engine stands alone."""

import hashlib

import msgspec
import pytest

from infergraph.declaration import SeldonDeployment, container_service_name, has_separate_engine


def test_a_short_name_says_all_three() -> None:
    assert container_service_name("iris", "p", "c") == "iris-p-c"


@pytest.mark.parametrize(("length", "is_hashed"), [(62, False), (63, False), (64, True), (200, True)])
def test_a_name_of_more_than_63_characters_is_a_hash(length: int, *, is_hashed: bool) -> None:
    full = "iris-p-" + "c" * (length - 7)
    hashed = f"seldon-{hashlib.md5(full.encode(), usedforsecurity=False).hexdigest()}"
    assert container_service_name("iris", "p", "c" * (length - 7)) == (hashed if is_hashed else full)


@pytest.mark.parametrize(
    ("where", "value", "is_separate"),
    [("spec", "true", True), ("spec", "True", True), ("spec", "false", False), ("metadata", "true", False)],
)
def test_the_engine_stands_alone_when_the_spec_says_so(where: str, value: str, *, is_separate: bool) -> None:
    data: dict[str, dict[str, object]] = {"metadata": {}, "spec": {"predictors": []}}
    data[where]["annotations"] = {"seldon.io/engine-separate-pod": value}
    assert has_separate_engine(msgspec.convert(data, SeldonDeployment)) is is_separate
