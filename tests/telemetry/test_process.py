"""What the operating system knows of this process."""

from infergraph.telemetry import Registry, merged
from tests.telemetry.scraping import scrape


def test_memory_and_time_of_processes_add_up_and_their_limits_do_not() -> None:
    one = Registry().snapshot()
    single, both = scrape(one), scrape(merged([one, one]))
    for name in ("process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"):
        assert single.value(name) > 0
        assert both.value(name) == 2 * single.value(name)
    for name in ("process_max_fds", "process_start_time_seconds"):
        assert both.value(name) == single.value(name) > 0
