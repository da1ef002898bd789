"""What came of a load under which workers were killed, and whether anybody else was harmed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tests.faults.wire import HUNG, LOST, Exchange


class Kill(NamedTuple):
    """An end of a worker, between two times of the monotonic clock."""

    way: str
    worker: int
    begun_s: float
    done_s: float

    def has_taken(self, exchange: Exchange) -> bool:
        """Whether a request that was lost may have been in the hands of this worker."""
        return (
            exchange.worker in (0, self.worker)
            and exchange.opened_s <= self.done_s
            and exchange.ended_s >= self.begun_s
        )


class Outcome(NamedTuple):
    """Everything that happened."""

    exchanges: Sequence[Exchange]
    kills: Sequence[Kill]
    took_s: float

    @property
    def lost(self) -> dict[Kill, int]:
        """How many requests went with each worker."""
        takers = [self._taker(exchange) for exchange in self.exchanges if exchange.status == LOST]
        return dict(Counter(taker for taker in takers if taker is not None))

    @property
    def innocent(self) -> list[Exchange]:
        """What failed, and was in no killed worker's hands."""
        failed = [exchange for exchange in self.exchanges if exchange.status != 200]
        return [exchange for exchange in failed if exchange.status != LOST or self._taker(exchange) is None]

    def figures(self) -> str:
        """For people."""
        took_s = sorted(exchange.ended_s - exchange.sent_s for exchange in self.exchanges)
        statuses = Counter(exchange.status for exchange in self.exchanges)
        others = [str(status) for status in statuses.elements() if status not in (200, LOST, HUNG)]
        return (
            f"{len(self.exchanges):,} requests in {self.took_s:.0f} s, "
            f"{len(self.kills)} workers killed ({_counted(kill.way for kill in self.kills)})\n"
            f"answered 200: {statuses[200]:,}; lost with their worker: {sum(self.lost.values())}, "
            f"at most {max(self.lost.values(), default=0)} at once; hung: {statuses[HUNG]}; "
            f"other answers: {_counted(others) or 'none'}\n"
            f"failed in nobody's hands: {len(self.innocent)}\n"
            f"median {_ms(took_s, 0.5)}, p99 {_ms(took_s, 0.99)}, longest {_ms(took_s, 1)}"
        )

    def _taker(self, exchange: Exchange) -> Kill | None:
        return next((kill for kill in self.kills if kill.has_taken(exchange)), None)


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in Counter(words).items())


def _ms(took_s: Sequence[float], part: float) -> str:
    """The quantile of times in order."""
    return f"{took_s[int((len(took_s) - 1) * part)] * 1000:.0f} ms"
