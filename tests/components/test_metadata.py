"""What a component says of itself, or fails to say."""

from typing import Any

import pytest

from infergraph.components import Component
from infergraph.components.metadata import REASON
from infergraph.errors import ComponentFailed


class Says:
    """Says what it is told to; an exception is raised."""

    def __init__(self, what: Any) -> None:
        self.what = what
        self.times = 0

    def init_metadata(self) -> Any:
        self.times += 1
        if isinstance(self.what, BaseException):
            raise self.what
        return self.what


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (RuntimeError("no file"), "init_metadata raised RuntimeError: no file"),
        (SystemExit("gone"), "init_metadata raised SystemExit: gone"),
        (["a"], "returned list, expected a dict"),
        ("text", "returned str, expected a dict"),
        ({"custom": 1j}, "JSON cannot say"),
        ({"custom": {1: {(1, 2): 3}}}, "JSON cannot say"),
        ({"name": "\ud800"}, "JSON cannot say"),
    ],
)
def test_bad_metadata_is_the_components_fault(what: Any, words: str) -> None:
    with pytest.raises(ComponentFailed, match="Model metadata unavailable: unit `u`") as failed:
        Component("u", Says(what)).metadata()
    assert words in str(failed.value)
    assert (failed.value.reason, failed.value.http_status) == (REASON, 500)


@pytest.mark.parametrize("what", [None, {}])
def test_who_says_nothing_has_the_defaults(what: Any) -> None:
    assert Component("u", Says(what), image="img:1.0").metadata()["name"] == "img"


def test_a_component_is_asked_once() -> None:
    target = Says({"name": "mine"})
    component = Component("u", target)
    assert component.metadata() is component.metadata()
    assert target.times == 1
