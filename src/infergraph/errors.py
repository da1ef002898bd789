"""Every error that InferGraph raises on purpose, and what each one means to whom.

    InferGraphError
    ├── SetupError                      the deployment cannot start: one clear message, exit code 1
    │   ├── BadManifest                   the manifest cannot be read or has problems
    │   ├── ArtifactError                 the model files are not where the manifest says
    │   └── LoadError                     a component or model does not load
    └── RequestError                    one request cannot be answered as asked
        ├── CallerError           4xx     the caller's mistake
        │   ├── BadMessage        400       the message is not what the protocol or the model takes
        │   ├── NotFound          404
        │   ├── MethodNotAllowed  405
        │   ├── BodyTooLarge      413
        │   └── UnsupportedMedia  415
        ├── ComponentError        5xx     the fault of the code behind a unit
        │   ├── ComponentFailed   500       it raised
        │   ├── BadAnswer         500       it answered something that the graph cannot go on with
        │   ├── VerbatimAnswer    any       it answered with a status and a body of its own
        │   ├── VerbatimStatus    any       it ended a gRPC call with a status of its own
        │   ├── ComponentLost     500       it is another process, and gave no whole answer
        │   ├── ComponentTooSlow  504       it is another process, and gave none in time
        │   └── ComponentUnreachable  503   it is another process, and nobody listens there
        │       └── CircuitOpen   503         so it was for a while, and it is not even tried
        └── PlatformError         5xx     ours
            ├── NotReady          503       models are loading, or the server is going down
            │   └── CutShort      503         the server goes down, and this request was running
            ├── QueueFull         503       more requests wait than the limit allows
            └── DeadlineExceeded  504       the deadline passed before the answer was there

A class fixes whose fault it is, the HTTP status, the gRPC code and a stable reason. A message says what was expected,
what came, where, and what to do. ``servers/answers.py`` alone turns them into answers.
"""

from typing import ClassVar


class InferGraphError(Exception):
    """Base of every error that InferGraph raises on purpose. ``str(error)`` is for the reader."""


class SetupError(InferGraphError):
    """Raised when a deployment cannot start; the command line prints it and exits with code 1."""


class BadManifest(SetupError):
    """Raised when a manifest cannot be read, or is read and has problems (all of them in the message)."""


class ArtifactError(SetupError):
    """Raised when a ``modelUri`` does not lead to model files."""


class LoadError(SetupError):
    """Raised when the code or the model behind a unit does not load."""


class RequestError(InferGraphError):
    """Raised when one request cannot be answered as asked; the server goes on.

    ``status`` is an HTTP status, ``grpc_code`` the name of a gRPC status code, ``reason`` a word that programs can
    compare. ``is_component_error`` says that the v1 component wrapper would have answered: then the answer has the
    wrapper's form.
    """

    status: ClassVar[int] = 500
    grpc_code: str = "INTERNAL"
    reason: str = "INTERNAL_ERROR"
    is_component_error: ClassVar[bool] = False
    has_begun = False
    """Whether a part of the graph may have run. Where none has, a 503 says Retry-After, at which clients send the
    request again."""

    @property
    def http_status(self) -> int:
        """The status of this answer; a subclass may know it only from the component."""
        return self.status


class CallerError(RequestError):
    """Raised when the caller made a mistake that the caller can mend."""

    status = 400
    grpc_code = "INVALID_ARGUMENT"
    reason = "BAD_REQUEST"


class BadMessage(CallerError):
    """Raised when a message is not what the protocol, or the model, takes."""

    reason = "MICROSERVICE_BAD_DATA"
    is_component_error = True


class NotFound(CallerError):
    """Raised when nothing is served under a path."""

    status = 404
    grpc_code = "NOT_FOUND"
    reason = "NOT_FOUND"


class MethodNotAllowed(CallerError):
    """Raised when a path is served, but not with this HTTP method."""

    status = 405
    grpc_code = "UNIMPLEMENTED"
    reason = "METHOD_NOT_ALLOWED"

    def __init__(self, message: str, *, allowed: str) -> None:
        super().__init__(message)
        self.allowed = allowed


class BodyTooLarge(CallerError):
    """Raised when a body is over the limit, as sent or once decompressed."""

    status = 413
    grpc_code = "RESOURCE_EXHAUSTED"
    reason = "BODY_TOO_LARGE"


class UnsupportedMedia(CallerError):
    """Raised for a Content-Type or Content-Encoding that is not read here."""

    status = 415
    reason = "UNSUPPORTED_MEDIA_TYPE"


class ComponentError(RequestError):
    """Raised when the code behind a unit is at fault."""

    is_component_error = True


class ComponentFailed(ComponentError):
    """Raised when user code raised. The message is the exception's own, as the v1 wrapper answers it.

    An exception with an integer ``status_code`` chooses the HTTP status, and with a ``reason`` the reason. ``body`` is
    the JSON object that it wants as the answer, None for the usual one.
    """

    def __init__(
        self,
        message: str,
        *,
        unit: str,
        status: int = 500,
        reason: str = "MICROSERVICE_INTERNAL_ERROR",
        body: bytes | None = None,
    ) -> None:
        super().__init__(message)
        self.unit = unit
        self.body = body
        self.reason = reason
        self._status = status

    @property
    def http_status(self) -> int:
        return self._status


class BadAnswer(ComponentError):
    """Raised when a component answers something that the graph cannot go on with: no such branch, no known type."""

    reason = "BAD_COMPONENT_ANSWER"
    is_component_error = False


class VerbatimAnswer(ComponentError):
    """Raised when a component answers with a status of its own (``status.code``); its body goes to the caller."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"the component answered {status}")
        self.body = body
        self._status = status

    @property
    def http_status(self) -> int:
        return self._status


class VerbatimStatus(ComponentError):
    """Raised when a component in another process ends a gRPC call with a status of its own, which goes to the caller.

    ``code`` is the name of a gRPC status code, and the HTTP status the one that it stands for (google.rpc.Code).
    Without a ``reason`` it is the one that the v1 wrapper has for such a failure.
    """

    def __init__(self, code: str, details: str, *, reason: str = "") -> None:
        super().__init__(details or f"the component ended the call with {code}")
        self.grpc_code = code
        self._status = _HTTP_STATUSES.get(code, 500)
        is_callers = 400 <= self._status < 500
        self.reason = reason or ("MICROSERVICE_BAD_DATA" if is_callers else "MICROSERVICE_INTERNAL_ERROR")

    @property
    def http_status(self) -> int:
        return self._status


_HTTP_STATUSES = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}


class ComponentLost(ComponentError):
    """Raised when a component in another process gives no whole answer: it may have done what it was asked, or not."""

    reason = "COMPONENT_LOST"
    is_component_error = False


class ComponentUnreachable(ComponentError):
    """Raised when nobody listens where a component should: it was not asked."""

    status = 503
    grpc_code = "UNAVAILABLE"
    reason = "COMPONENT_UNREACHABLE"
    is_component_error = False


class CircuitOpen(ComponentUnreachable):
    """Raised when a component could not be reached for a while, and is not tried for this request."""


class ComponentTooSlow(ComponentError):
    """Raised when a component in another process gives no answer in the time that one call has."""

    status = 504
    grpc_code = "DEADLINE_EXCEEDED"
    reason = "COMPONENT_TOO_SLOW"
    is_component_error = False


class PlatformError(RequestError):
    """Raised when InferGraph itself cannot answer now; the same request may pass later."""

    status = 503
    grpc_code = "UNAVAILABLE"


class NotReady(PlatformError):
    """Raised while models are loading, and while the server goes down."""

    reason = "NOT_READY"


class CutShort(NotReady):
    """Raised when the server goes down before a request that it has begun is done."""

    has_begun = True


class QueueFull(PlatformError):
    """Raised when more requests wait for a component than the limit allows."""

    reason = "QUEUE_FULL"
    grpc_code = "RESOURCE_EXHAUSTED"


class DeadlineExceeded(PlatformError):
    """Raised when the deadline passes before the answer is there."""

    status = 504
    grpc_code = "DEADLINE_EXCEEDED"
    reason = "DEADLINE_EXCEEDED"


NOT_ASKED = (QueueFull, ComponentUnreachable)
"""Raised before a unit is asked; who has asked another one before says so with ``has_begun``."""
