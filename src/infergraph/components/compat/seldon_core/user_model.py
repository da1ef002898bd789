"""The base class that a component may have, and what it may return.

InferGraph looks at what a class defines itself: a method that is only inherited from here counts as not there.
"""

from collections.abc import Iterable
from typing import Any, NoReturn

from seldon_core.flask_utils import SeldonMicroserviceException


class SeldonNotImplementedError(SeldonMicroserviceException):
    """Raised by a method to say that it does nothing; a raw method then leaves the work to the plain one."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class SeldonResponse:
    """An answer with tags and metrics of this call only."""

    def __init__(self, data: Any, tags: dict[str, Any] | None = None, metrics: list[dict[str, Any]] | None = None):
        self.data = data
        self.tags = {} if tags is None else tags
        self.metrics = [] if metrics is None else metrics


class SeldonComponent:
    """A component. Each method stands for itself; those that a class does not define do nothing."""

    def __init__(self, **kwargs: Any) -> None:
        """Parameters that a class does not take by name have no effect."""

    def load(self) -> None:
        """Read what the component needs; called once in each process."""

    def tags(self) -> dict[str, Any]:
        """Tags of each answer."""
        _refuse("tags")

    def metrics(self) -> list[dict[str, Any]]:
        """Metrics of each call."""
        _refuse("metrics")

    def class_names(self) -> Iterable[str]:
        """Names of the columns of an answer."""
        _refuse("class_names")

    def feature_names(self) -> Iterable[str]:
        """Names of the columns of an input transformer's answer."""
        _refuse("feature_names")

    def predict(self, X: Any, names: Iterable[str], meta: dict[str, Any] | None = None) -> Any:
        """Rows in, rows out."""
        _refuse("predict")

    def predict_raw(self, msg: Any) -> Any:
        """A message in, a message out."""
        _refuse("predict_raw")

    def transform_input(self, X: Any, names: Iterable[str], meta: dict[str, Any] | None = None) -> Any:
        """A question in, the question for the unit below out."""
        _refuse("transform_input")

    def transform_input_raw(self, msg: Any) -> Any:
        """A message in, a message out."""
        _refuse("transform_input_raw")

    def transform_output(self, X: Any, names: Iterable[str], meta: dict[str, Any] | None = None) -> Any:
        """The answer of the unit below in, an answer out."""
        _refuse("transform_output")

    def transform_output_raw(self, msg: Any) -> Any:
        """A message in, a message out."""
        _refuse("transform_output_raw")

    def route(self, features: Any, feature_names: Iterable[str]) -> Any:
        """A question in, the number of a child out."""
        _refuse("route")

    def route_raw(self, msg: Any) -> Any:
        """A message in, a message out."""
        _refuse("route_raw")

    def aggregate(self, features_list: list[Any], feature_names_list: list[Any]) -> Any:
        """The answers of all children in, one answer out."""
        _refuse("aggregate")

    def aggregate_raw(self, msgs: Any) -> Any:
        """Messages in, a message out."""
        _refuse("aggregate_raw")

    def send_feedback(
        self, features: Any, feature_names: Iterable[str], reward: float, truth: Any, routing: int | None
    ) -> Any:
        """How good an answer was."""
        _refuse("send_feedback")

    def send_feedback_raw(self, feedback: Any) -> Any:
        """A Feedback in, a message out."""
        _refuse("send_feedback_raw")

    def health_status(self) -> Any:
        """How the component is."""
        _refuse("health_status")

    def health_status_raw(self) -> Any:
        """The same as a message."""
        _refuse("health_status_raw")

    def init_metadata(self) -> dict[str, Any]:
        """What the component says of itself."""
        _refuse("init_metadata")

    def metadata(self) -> dict[str, Any]:
        """The same, under its old name."""
        _refuse("metadata")


def _refuse(method: str) -> NoReturn:
    raise SeldonNotImplementedError(f"{method} is not implemented")
