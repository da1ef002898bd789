from infergraph.artifacts.progress import Progress
from tests.artifacts.fetching import capture, events


def test_bytes_rate_and_what_remains() -> None:
    now_s = [100.0]
    progress = Progress(clock=lambda: now_s[0])
    with capture() as logs:
        progress.begin("s3://b/m", files=2, total_bytes=1000, done_bytes=400)
        now_s[0] += 0.5
        progress.advance(100)  # too early to say
        now_s[0] += 1.5
        progress.advance(100)
        progress.advance(400)
        progress.end()
    first, last = events(logs, "artifact_progress")
    assert (first["done_bytes"], first["bytes_per_s"], first["remaining_s"]) == (600, 100, 4.0)
    assert (last["done_bytes"], last["bytes_per_s"], last["remaining_s"]) == (1000, 300, 0.0)


def test_a_size_that_nobody_knows() -> None:
    progress = Progress(clock=lambda: 1.0)
    with capture() as logs:
        progress.begin("http://h/m", files=1, total_bytes=None, done_bytes=0)
        progress.end()
    assert events(logs, "artifact_progress")[0]["remaining_s"] is None
