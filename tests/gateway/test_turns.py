from collections import Counter

import pytest

from infergraph.errors import BadMessage
from infergraph.gateway import Destination, Routes
from infergraph.gateway.turns import Turns


def turns(*shares: int, shadow: int | None = None) -> Turns:
    made = tuple(Destination.parsed(f"p{index}=h:1:1@{share}") for index, share in enumerate(shares))
    return Turns(Routes(made, None if shadow is None else Destination.parsed(f"s=h:1:1@{shadow}")))


@pytest.mark.parametrize("shares", [(75, 25), (100, 0), (1, 99), (34, 33, 33)])
def test_any_hundred_in_a_row_hold_the_exact_shares(shares: tuple[int, ...]) -> None:
    spread = turns(*shares)
    names = [spread.next().name for _ in range(250)]
    for start in (0, 17, 150):
        count = Counter(names[start : start + 100])
        assert [count[f"p{index}"] for index in range(len(shares))] == list(shares)


def test_a_wish_is_followed_and_takes_no_turn() -> None:
    spread = turns(50, 50)
    assert {spread.next("p1").name for _ in range(10)} == {"p1"}
    assert Counter(spread.next().name for _ in range(100)) == {"p0": 50, "p1": 50}


def test_a_wish_for_nobody_is_the_callers_mistake() -> None:
    with pytest.raises(BadMessage, match="the header infergraph-predictor is one of p0, p1, got 'p2'"):
        turns(50, 50).next("p2")


@pytest.mark.parametrize("percent", [0, 30, 100])
def test_a_shadow_gets_its_copies(percent: int) -> None:
    spread = turns(100, shadow=percent)
    assert sum(spread.copy() is not None for _ in range(100)) == percent


def test_without_a_shadow_nobody_does() -> None:
    assert not any(turns(100).copy() for _ in range(100))
