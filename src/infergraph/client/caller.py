"""What the client and its async twin share: everything but sending and waiting."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from infergraph.client.address import Address, address_of
from infergraph.client.dialect import Dialect
from infergraph.client.exchange import Course, Now, Retries, course, probe_course, wait_course
from infergraph.client.kind import Kind, Protocol
from infergraph.client.question import question_of
from infergraph.client.request import Timeouts
from infergraph.client.rest import PUID, Rest
from infergraph.client.result import Result
from infergraph.payloads.payload import JsonObject

PROBE_S = 5.0


class Caller(msgspec.Struct, frozen=True):
    """Makes the course of each call."""

    dialect: Dialect
    timeouts: Timeouts
    retries: Retries
    headers: dict[str, str]
    now: Now

    def predict(
        self,
        data: Any,
        names: Sequence[str] | None,
        *,
        kind: Kind | None,
        tags: JsonObject | None,
        puid: str,
        timeout_s: float | None,
    ) -> Course[Result]:
        """The course of a prediction."""
        headers = {**self.headers, PUID: puid} if puid else self.headers
        call = self.dialect.predict(question_of(data, names, kind=kind, tags=tags), headers)
        return course(call, self.retries, self._timeouts(timeout_s), self.now)

    def feedback(self, result: Result, reward: float, truth: Any, timeout_s: float | None) -> Course[JsonObject]:
        """The course of a feedback."""
        told = None if truth is None else question_of(truth).payload
        headers = {**self.headers, PUID: result.puid} if result.puid else self.headers
        call = self.dialect.feedback(result, float(reward), told, headers)
        return course(call, self.retries, self._timeouts(timeout_s), self.now)

    def metadata(self, unit: str, timeout_s: float | None) -> Course[JsonObject]:
        """The course of a question for metadata."""
        return course(self.dialect.metadata(unit, self.headers), self.retries, self._timeouts(timeout_s), self.now)

    def is_ready(self, timeout_s: float) -> Course[bool]:
        """The course of one question for readiness."""
        return probe_course(self.dialect.is_ready(self.headers), self._timeouts(timeout_s), self.now)

    def is_live(self, timeout_s: float) -> Course[bool]:
        """The course of one question for life."""
        return probe_course(self.dialect.is_live(self.headers), self._timeouts(timeout_s), self.now)

    def wait_ready(self, timeout_s: float) -> Course[None]:
        """The course of asking until the deployment is ready."""
        return wait_course(self.dialect.is_ready(self.headers), timeout_s, self._timeouts(PROBE_S), self.now)

    def _timeouts(self, total_s: float | None) -> Timeouts:
        return self.timeouts if total_s is None else msgspec.structs.replace(self.timeouts, total_s=total_s)


class Settings(msgspec.Struct, frozen=True):
    """How a client behaves; the same for both."""

    deployment: str = ""
    namespace: str = ""
    timeouts: Timeouts = Timeouts()
    retries: Retries = Retries()
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    protocol: Protocol = Protocol.ANY
    clock: Callable[[], float] = time.monotonic


def caller_of(url: str, settings: Settings) -> tuple[Address, Caller]:
    """The address that a client speaks to, and what makes its calls. :raises ClientError: for a URL that is none."""
    address = address_of(url, settings.deployment, settings.namespace)
    headers = {name.lower(): value for name, value in settings.headers.items()}
    return address, Caller(_dialect(address, settings), settings.timeouts, settings.retries, headers, settings.clock)


def _dialect(address: Address, settings: Settings) -> Dialect:
    if not address.is_grpc:
        return Rest(address, settings.protocol)
    from infergraph.client.grpc_dialect import Grpc

    return Grpc(address)
