"""The calls of one component in another process: what holds for each of them, in whatever it is made over."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog

from infergraph.errors import CircuitOpen, ComponentLost, ComponentTooSlow, ComponentUnreachable
from infergraph.graph.remote.address import Address
from infergraph.graph.remote.circuit import FAILURES, Circuit
from infergraph.graph.remote.failure import CallFailed, ConnectTimedOut, NotConnected
from infergraph.telemetry import UnitMetrics

CONNECT_S = 5.0
"""How long a connection may take to be made."""
CONNECT_SHARE = 0.9
"""The part of a call's time that its connection may take: so nobody there is told from a slow one."""

A = TypeVar("A")

log = structlog.get_logger("infergraph.remote")


class CallLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one call of a component may take, and how much it may answer.

    ``timeout_s`` is what ``annotation`` says (SELDON_V1 §3.5, §3.8); without it a call takes as long as it takes.
    ``answer_bytes`` and ``json_depth`` limit an answer as a request is limited.
    """

    timeout_s: float | None = None
    annotation: str = ""
    answer_bytes: int = 64 * 2**20
    json_depth: int = 100

    @property
    def connect_s(self) -> float:
        """How long the connection for a call may take to be made."""
        return CONNECT_S if self.timeout_s is None else min(CONNECT_S, CONNECT_SHARE * self.timeout_s)


class Calls:
    """Makes the calls of one component: each within its time, none while its circuit is open.

    What fails is told as the error that the caller gets.
    """

    def __init__(self, unit: str, address: Address, limits: CallLimits, metrics: UnitMetrics) -> None:
        self._unit = unit
        self._address = address
        self._limits = limits
        self._metrics = metrics
        self._metrics.watch_circuit(lambda: self._circuit.is_open)
        self._circuit = Circuit()

    async def make(self, call: Callable[[], Awaitable[A]], what: str) -> A:
        """The answer of a call, which raises `CallFailed` when it has none. ``what`` it asks for is for people.

        :raises ComponentUnreachable: when there is no connection; CircuitOpen when none is tried.
        :raises ComponentLost: when there is no whole answer.
        :raises ComponentTooSlow: when there is none in time.
        """
        if self._circuit.is_open and (wait_s := self._circuit.wait_s()):
            raise CircuitOpen(
                f"Unit `{self._unit}` cannot be reached at {self._address}: {FAILURES} tries in a row have failed, and "
                f"the next is in {wait_s:.1g} s"
            )
        try:
            async with asyncio.timeout(self._limits.timeout_s) as timeout:
                answer = await self._tried(call)
        except TimeoutError:
            if not timeout.expired():
                raise
            raise self._too_slow(what) from None
        except NotConnected as error:
            raise ComponentUnreachable(
                f"Unit `{self._unit}` cannot be reached at {self._address}: {error}; is its component running there?"
            ) from error
        except CallFailed as error:
            raise ComponentLost(f"Unit `{self._unit}` at {self._address} gave no answer to {what}: {error}") from error
        self.connected()
        return answer

    def connected(self) -> None:
        """Somebody listens there."""
        if self._circuit.connected():
            log.info("circuit_closed", unit=self._unit, address=str(self._address))

    async def _tried(self, call: Callable[[], Awaitable[A]]) -> A:
        """One that found nobody is made once more: behind the address of a service may stand another who is there."""
        try:
            return await call()
        except ConnectTimedOut as error:
            self._failed(error)
            raise
        except NotConnected as error:
            self._failed(error)
        except CallFailed:
            self.connected()
            raise
        try:
            return await call()
        except NotConnected as error:
            self._failed(error)
            raise

    def _failed(self, error: NotConnected) -> None:
        if self._circuit.failed():
            self._metrics.circuit_opened()
            log.warning("circuit_opened", unit=self._unit, address=str(self._address), error=str(error))

    def _too_slow(self, what: str) -> ComponentTooSlow:
        return ComponentTooSlow(
            f"Unit `{self._unit}` at {self._address} gave no answer to {what} within {self._limits.timeout_s:g} s, "
            f"the limit that annotation {self._limits.annotation} sets"
        )
