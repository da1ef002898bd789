"""A component whose base class has every method, and each raises that it is not implemented, as the v1 wrapper's."""

from typing import Any


class SeldonNotImplementedError(Exception):
    """As the v1 wrapper's own."""


def _stub(name: str) -> Any:
    def stub(self: Any, *_: Any, **__: Any) -> Any:
        raise SeldonNotImplementedError(f"{name} is not implemented")

    stub.__module__ = "seldon_core.user_model"
    stub.__qualname__ = f"SeldonComponent.{name}"
    return stub


_METHODS = (
    *("tags", "class_names", "load", "predict", "predict_raw", "send_feedback_raw", "transform_input", "route"),
    *("transform_input_raw", "transform_output", "transform_output_raw", "metrics", "feature_names", "send_feedback"),
    *("route_raw", "aggregate", "aggregate_raw", "health_status", "health_status_raw", "init_metadata"),
)
SeldonComponent = type(
    "SeldonComponent", (), {"__module__": "seldon_core.user_model", **{name: _stub(name) for name in _METHODS}}
)


class Derived(SeldonComponent):  # type: ignore[misc,valid-type]
    def predict(self, X: Any, names: Any) -> Any:
        return X
