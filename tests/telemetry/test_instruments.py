"""Counter, gauge, histogram."""

from infergraph.telemetry.instruments import Gauge, Histogram


def test_a_bucket_takes_what_is_at_most_its_bound() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 2.5):
        histogram.observe(value)
    assert histogram.counts == [2, 2, 1]
    assert (histogram.sum, histogram.count) == (7.5, 5)


def test_many_at_once_are_as_many_one_by_one() -> None:
    one, other = Histogram((1.0, 2.0)), Histogram((1.0, 2.0))
    one.observe_many(1.5, 3)
    for _ in range(3):
        other.observe(1.5)
    assert (one.counts, one.sum) == (other.counts, other.sum)


def test_a_gauge_is_what_was_set_or_what_is_read() -> None:
    gauge = Gauge()
    gauge.value = 3
    assert gauge.now == 3
    waiting = [1, 2]
    gauge.read = lambda: len(waiting)
    waiting.append(3)
    assert gauge.now == 3


def test_a_gauge_that_says_yes_or_no_is_a_number() -> None:
    gauge = Gauge()
    gauge.read = lambda: True
    assert type(gauge.now) is float
