from collections import Counter

import pytest

from infergraph.kubernetes.operator.meter import OperatorMeter
from infergraph.telemetry import Registry, render


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def told(meter: OperatorMeter) -> str:
    return render(meter.registry.snapshot()).body.decode()


def test_what_is_counted() -> None:
    meter = OperatorMeter(Registry())
    with meter.look() as look:
        look.result = "done"
    meter.called("patch", 200)
    meter.called("patch", 200)
    meter.reviewed("refused")
    meter.certificate_ends(1.5e9)
    meter.leads(is_leader=True)
    meter.watch(queue_depth=lambda: 7, states=lambda: Counter(Available=2, none=1))
    text = told(meter)
    for line in (
        'infergraph_operator_reconciles_total{result="done"} 1.0',
        "infergraph_operator_reconcile_seconds_count 1.0",
        'infergraph_operator_api_calls_total{code="200",verb="patch"} 2.0',
        'infergraph_operator_reviews_total{result="refused"} 1.0',
        "infergraph_operator_certificate_expiry_timestamp_seconds 1.5e+09",
        "infergraph_operator_leader 1.0",
        "infergraph_operator_queue_depth 7.0",
        'infergraph_operator_deployments{state="Available"} 2.0',
        'infergraph_operator_deployments{state="none"} 1.0',
        'infergraph_operator_deployments{state="Failed"} 0.0',
    ):
        assert line in text.splitlines()


def test_a_look_that_raises_counts_as_an_error() -> None:
    meter = OperatorMeter(Registry())
    with pytest.raises(KeyError), meter.look():
        raise KeyError
    assert 'infergraph_operator_reconciles_total{result="error"} 1.0' in told(meter)


def test_how_long_the_oldest_look_takes() -> None:
    clock = Clock()
    meter = OperatorMeter(Registry(), clock=clock)
    assert meter.longest_look_s() == 0
    with meter.look():
        clock.now_s += 5
        with meter.look():
            clock.now_s += 1
            assert meter.longest_look_s() == 6
    assert meter.longest_look_s() == 0
