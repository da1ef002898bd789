"""The exception by which a component chooses the answer to a caller's mistake."""

from typing import Any


class SeldonMicroserviceException(Exception):
    """Raised by a component to answer with a status of its own, 400 unless said (SELDON_V1 §4.2, Errors).

    ``payload`` is for whoever catches it: it is not sent.
    """

    status_code = 400

    def __init__(
        self,
        message: Any,
        status_code: int | None = None,
        payload: Any = None,
        reason: str = "MICROSERVICE_BAD_DATA",
    ) -> None:
        super().__init__()
        self.message = message
        if status_code is not None:
            self.status_code = status_code
        self.payload = payload
        self.reason = reason

    def to_dict(self) -> dict[str, Any]:
        """The body of the answer."""
        return {"status": {"status": 1, "info": self.message, "code": -1, "reason": self.reason}}

    def __str__(self) -> str:
        return str(self.message)
