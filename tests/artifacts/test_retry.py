import pytest

from infergraph.artifacts.retry import Retry, Transient
from infergraph.errors import ArtifactError


class Failing:
    """Fails so many times."""

    def __init__(self, times: int, after_s: float | None = None) -> None:
        self.times = times
        self.after_s = after_s

    def __call__(self) -> str:
        self.times -= 1
        if self.times >= 0:
            raise Transient("not now", after_s=self.after_s)
        return "done"


def retry(waits: list[float], attempts: int = 4) -> Retry:
    return Retry(attempts=attempts, sleep=waits.append, jitter=lambda: 1.0)


def test_waits_double() -> None:
    waits: list[float] = []
    assert retry(waits).call(Failing(3), "x") == "done"
    assert waits == [0.5, 1.0, 2.0]


def test_waits_end_somewhere() -> None:
    waits: list[float] = []
    retry(waits, 12).call(Failing(11), "x")
    assert max(waits) == 20.0


def test_dice_shorten_a_wait_by_half_at_most() -> None:
    waits: list[float] = []
    Retry(sleep=waits.append, jitter=lambda: 0.0).call(Failing(1), "x")
    assert waits == [0.25]


def test_attempts_are_bounded() -> None:
    waits: list[float] = []
    with pytest.raises(ArtifactError, match="x: not now; gave up after 4 attempts") as caught:
        retry(waits).call(Failing(99), "x")
    assert len(waits) == 3
    assert isinstance(caught.value.__cause__, Transient)


def test_a_store_may_ask_to_wait() -> None:
    waits: list[float] = []
    retry(waits).call(Failing(1, after_s=7.0), "x")
    assert waits == [7.0]


def test_but_not_for_ever() -> None:
    waits: list[float] = []
    with pytest.raises(ArtifactError, match="asks to wait 3600 s; gave up after 1 attempts"):
        retry(waits).call(Failing(1, after_s=3600.0), "x")
    assert waits == []
