"""What the v2 protocol's statistics say is what the metrics say."""

from infergraph.servers.statistics import Statistics, counted
from infergraph.telemetry import DeploymentMetrics, Registry, merged
from infergraph.telemetry.timings import Timings
from tests.telemetry.deployments import deployment


def answered(metrics: DeploymentMetrics, seconds: float, *, fails: bool = False) -> None:
    """A request that was so long in the graph."""
    meter = metrics.requests("predictions")
    timings: Timings = meter.start()
    timings.decoded_s = timings.started_s - seconds
    timings.walked_s = 0.0 if fails else timings.started_s
    meter.finish(timings, "POST", 500 if fails else 200)


def test_successes_and_failures_are_counted_with_their_time() -> None:
    registry = Registry()
    metrics = DeploymentMetrics(deployment(), registry)
    answered(metrics, 0.5)
    answered(metrics, 0.25)
    answered(metrics, 1.0, fails=True)
    statistics = counted(registry.snapshot(), "shop")
    assert (statistics.success_count, statistics.fail_count) == (2, 1)
    assert abs(statistics.success_ns - 750_000_000) < 1000
    assert 1_000_000_000 <= statistics.fail_ns < 20_000_000_000
    assert statistics.last_inference_ms > 1_700_000_000_000


def test_all_workers_count_together() -> None:
    registries = Registry(), Registry()
    for registry in registries:
        answered(DeploymentMetrics(deployment(), registry), 0.5)
    statistics = counted(merged([one.snapshot() for one in registries]), "shop")
    assert (statistics.success_count, statistics.fail_count) == (2, 0)


def test_nothing_yet() -> None:
    registry = Registry()
    assert counted(registry.snapshot(), "shop") == Statistics()
    DeploymentMetrics(deployment(), registry)
    assert counted(registry.snapshot(), "shop") == Statistics()
