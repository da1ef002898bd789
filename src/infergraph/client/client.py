"""The client."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar

import msgspec

from infergraph.client.address import Address
from infergraph.client.caller import PROBE_S, Settings, caller_of
from infergraph.client.errors import ClientError
from infergraph.client.exchange import Course, Pause, Send
from infergraph.client.kind import Kind
from infergraph.client.request import Reply, Transport
from infergraph.client.result import Result
from infergraph.payloads.payload import JsonObject

T = TypeVar("T")
_NONE = Settings()


class Client:
    """Asks one deployment, over ``http://``, ``https://``, ``grpc://`` or ``grpcs://``. Threads may share it.

    >>> with Client("http://127.0.0.1:8000") as client:
    ...     result = client.predict([[5.1, 3.5, 1.4, 0.2]])
    ...     client.feedback(result, reward=1.0)

    Where a server has several deployments, one is named by ``deployment`` and ``namespace``, or by the URL's path
    ``/seldon/<namespace>/<name>``. ``timeouts``, ``retries``, ``headers`` (sent with every request), ``protocol`` and
    ``clock`` are the fields of `Settings`. ``transport`` and ``sleep`` take the place of what really sends and waits.
    """

    def __init__(
        self,
        url: str,
        *,
        transport: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        **settings: Any,
    ) -> None:
        address, self._caller = caller_of(url, msgspec.structs.replace(_NONE, **settings))
        self._transport = transport or transport_of(address)
        self._sleep = sleep

    def predict(
        self,
        data: Any,
        names: Sequence[str] | None = None,
        *,
        kind: Kind | None = None,
        tags: JsonObject | None = None,
        puid: str = "",
        timeout_s: float | None = None,
    ) -> Result:
        """What the graph answers to data.

        ``data`` is a numpy array, a pandas DataFrame, nested lists, text, bytes, JSON (a dict), a dict of arrays by
        name, or a `Payload`; the result's data are of the same kind, or of ``kind``. ``names`` are those of the
        columns, ``tags`` go with the request, ``puid`` is its id (else the server makes one).

        :raises Unsendable: when no message says the data exactly.
        :raises Refused: when the caller is at fault; ServerFailed, when the server is; Busy, when it may pass later.
        :raises ConnectionFailed: when nothing was sent; ConnectionLost or Timeout, when it may have been executed.
        """
        course = self._caller.predict(data, names, kind=kind, tags=tags, puid=puid, timeout_s=timeout_s)
        return self._run(course)

    def feedback(
        self, result: Result, *, reward: float, truth: Any = None, timeout_s: float | None = None
    ) -> JsonObject:
        """Tell the graph how good an answer was; it goes the way that the request went. Never sent twice.

        ``truth`` is what the answer should have been, in any kind that `predict` takes. Returns the graph's reply.

        :raises ClientError: as `predict`.
        """
        return self._run(self._caller.feedback(result, reward, truth, timeout_s))

    def metadata(self, unit: str = "", *, timeout_s: float | None = None) -> JsonObject:
        """What the graph says of itself, or one unit of it. :raises ClientError: as `predict`."""
        return self._run(self._caller.metadata(unit, timeout_s))

    def is_ready(self, *, timeout_s: float = PROBE_S) -> bool:
        """Whether every model is loaded; no, where nothing answers in time."""
        return self._run(self._caller.is_ready(timeout_s))

    def is_live(self, *, timeout_s: float = PROBE_S) -> bool:
        """Whether the server answers in time."""
        return self._run(self._caller.is_live(timeout_s))

    def wait_ready(self, timeout_s: float = 60.0) -> None:
        """Return when the deployment is ready. :raises Timeout: when it is not in time, with what came last."""
        self._run(self._caller.wait_ready(timeout_s))

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, course: Course[T]) -> T:
        """Do what a course says, and give it what came of it."""
        try:
            step = next(course)
            while True:
                try:
                    done = self._do(step)
                except ClientError as error:
                    step = course.throw(error)
                else:
                    step = course.send(done)
        except StopIteration as end:
            result: T = end.value
            return result

    def _do(self, step: Send | Pause) -> Reply | None:
        if isinstance(step, Send):
            return self._transport.send(step.request, step.timeouts)
        self._sleep(step.seconds)
        return None


def transport_of(address: Address) -> Transport:
    """What sends to an address, over REST or gRPC. :raises ClientError: when what it needs is not installed."""
    if address.is_grpc:
        from infergraph.client.grpc_transport import GrpcTransport

        return GrpcTransport(address)
    from infergraph.client.urllib3_transport import Urllib3Transport

    return Urllib3Transport()
