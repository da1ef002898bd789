"""What can go wrong with a call, and what it means for the caller.

ClientError
├── Unsendable                the data cannot be said exactly in a message; nothing was sent
├── ConnectionFailed          no connection; nothing was sent, so the call can safely be made again
│   └── ConnectTimeout          none within the time to connect
├── ConnectionLost            it ended before the whole answer was there; the request may have been executed
├── Timeout                   no whole answer within the time; the request may have been executed
├── BadReply                  an answer came, and it is not what the protocol says
└── Answered                  the server's own refusal: status, reason, puid, unit, and its sentence
    ├── Refused       4xx       the caller's mistake
    └── ServerFailed  5xx       the component's or the platform's
        └── Busy      503         it can be tried again, after ``retry_after_s`` when the server says so
"""

from infergraph.errors import InferGraphError


class ClientError(InferGraphError):
    """Base of every error that a client raises. ``str(error)`` is for the reader."""


class Unsendable(ClientError):
    """Raised when data cannot be said exactly in a message, before anything is sent."""


class ConnectionFailed(ClientError):
    """Raised when there is no connection to the server; not a byte of the request was sent."""


class ConnectTimeout(ConnectionFailed):
    """Raised when a connection is not there within the time to connect."""


class ConnectionLost(ClientError):
    """Raised when the connection ends before the whole answer is there. The request may have been executed."""


class Timeout(ClientError):
    """Raised when the whole answer is not there in time. The request may have been executed."""


class BadReply(ClientError):
    """Raised when an answer is not what the protocol says, or not of the kind that was asked for."""


class Answered(ClientError):
    """Raised when the server answers with an error.

    ``status`` is the HTTP status (over gRPC the one that its code stands for), ``reason`` the server's word that
    programs can compare, ``puid`` the id by which its logs know the request, ``unit`` the unit that raised. What the
    server does not say is empty. ``str(error)`` is the server's own sentence.
    """

    def __init__(self, message: str, *, status: int, reason: str = "", puid: str = "", unit: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.puid = puid
        self.unit = unit


class Refused(Answered):
    """Raised for 4xx: the same request will be refused again."""


class ServerFailed(Answered):
    """Raised for 5xx, and for any other status that is no answer."""


class Busy(ServerFailed):
    """Raised for 503: models are loading, too many requests wait, or the server is going down."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        reason: str = "",
        puid: str = "",
        unit: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, status=status, reason=reason, puid=puid, unit=unit)
        self.retry_after_s = retry_after_s
