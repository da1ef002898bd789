"""A drain goes on while requests are being finished, and gives up when none was for long: with a clock of its own."""

import structlog

from infergraph.servers.progress import Progress


def test_each_finished_request_starts_the_clock_again() -> None:
    times_s = iter([0.0, 5.0, 5.0, 10.0, 10.0, 15.0])
    progress = Progress(10, limit_s=5, clock_s=lambda: next(times_s))
    with structlog.testing.capture_logs() as logs:
        assert not any(progress.has_stalled(finished=finished, left=3) for finished in (10, 11, 11, 12, 12))
    assert logs == []


def test_a_drain_without_progress_gives_up_and_says_so() -> None:
    times_s = iter([0.0, 5.1])
    progress = Progress(10, limit_s=5, clock_s=lambda: next(times_s))
    with structlog.testing.capture_logs() as logs:
        assert progress.has_stalled(finished=10, left=3)
    assert [(log["event"], log["requests"], log["seconds"]) for log in logs] == [("drain_gave_up", 3, 5)]
