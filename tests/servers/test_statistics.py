"""Counts of what was answered."""

import pytest

from infergraph.servers.statistics import Statistics


def test_successes_and_failures_are_counted_with_their_time() -> None:
    statistics = Statistics()
    with statistics.timed():
        pass
    with pytest.raises(ValueError, match="no"), statistics.timed():
        raise ValueError("no")
    assert (statistics.success_count, statistics.fail_count) == (1, 1)
    assert statistics.success_ns > 0
    assert statistics.fail_ns > 0
    assert statistics.last_inference_ms > 1_700_000_000_000
