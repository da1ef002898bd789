import asyncio
from collections.abc import Callable
from typing import Any, cast

from infergraph.kubernetes.operator.health import illness, unreadiness
from infergraph.kubernetes.operator.meter import OperatorMeter
from infergraph.kubernetes.operator.operator import Operator
from infergraph.kubernetes.operator.queue import WorkQueue
from infergraph.telemetry import Registry
from tests import virtual_time


class Some:
    """As much of an operator as its health is told by."""

    def __init__(self, *, is_working: bool = True, is_synced: bool = True) -> None:
        self.queue: WorkQueue[str] = WorkQueue()
        self.is_working, self.is_synced = is_working, is_synced


def ill(some: Some, meter: OperatorMeter | None = None) -> str:
    return illness(cast("Operator", some), meter or OperatorMeter(Registry()))


def hours(main: Callable[[], Any]) -> None:
    virtual_time.run(main())


def test_a_queue_that_nobody_empties_is_an_illness() -> None:
    async def main() -> None:
        some = Some()
        assert ill(some) == ""
        some.queue.add("a")
        await asyncio.sleep(299)
        assert ill(some) == ""
        await asyncio.sleep(2)
        assert ill(some) == "a deployment has been due for 301 s, and nobody looks at it"
        assert await some.queue.get() == "a"
        assert ill(some) == ""

    hours(main)


def test_what_is_due_later_is_not_late() -> None:
    async def main() -> None:
        some = Some()
        some.queue.add("a", after_s=3600)
        await asyncio.sleep(1800)
        assert ill(some) == ""

    hours(main)


def test_who_waits_to_lead_is_not_late() -> None:
    async def main() -> None:
        some = Some(is_working=False)
        some.queue.add("a")
        await asyncio.sleep(3600)
        assert ill(some) == ""

    hours(main)


def test_a_look_that_does_not_end_is_an_illness() -> None:
    async def main() -> None:
        meter = OperatorMeter(Registry(), clock=asyncio.get_running_loop().time)
        with meter.look():
            await asyncio.sleep(601)
            assert ill(Some(), meter) == "one look at a deployment has been taking 601 s"

    hours(main)


def ready(some: Some, *, is_ending: bool = False, waits: bool = False) -> str:
    return unreadiness(cast("Operator", some), is_ending=is_ending, waits_for_webhook=waits)


def test_when_it_is_ready() -> None:
    async def main() -> None:
        assert ready(Some()) == ""
        assert ready(Some(is_synced=False)) == "it does not know yet all that there is in the cluster"
        assert ready(Some(), waits=True) == "the webhook has no certificate yet"
        assert ready(Some(), is_ending=True) == "it is ending"

    hours(main)
