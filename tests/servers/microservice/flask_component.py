"""A component with error handlers in the way of the v1 wrapper's documentation."""

from typing import Any

import flask

BLUEPRINT = flask.Blueprint("error_handlers", __name__)


class TooLittle(Exception):
    """Raised when the handler is to answer."""


@BLUEPRINT.app_errorhandler(TooLittle)
def handle(error: TooLittle) -> Any:
    response = flask.jsonify({"status": {"code": 1402, "info": str(error)}})
    response.status_code = 402
    return response


@BLUEPRINT.app_errorhandler(KeyError)
def fail(_: KeyError) -> Any:
    raise RuntimeError


class Handled:
    model_error_handler = BLUEPRINT

    def predict(self, X: Any) -> Any:
        if isinstance(X, str):
            raise TooLittle("pay first")
        raise ValueError("bad value") if X else KeyError
