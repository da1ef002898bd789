"""A component's own answers to its errors: ``model_error_handler``, a Flask blueprint (SELDON_V1 §4.2, Errors)."""

from typing import Any

import structlog

from infergraph.servers.answers import Answer

log = structlog.get_logger("infergraph.load")

NAME = "model_error_handler"


class ErrorHandlers:
    """The error handlers of a blueprint, asked as Flask asks them, without a server of Flask's."""

    def __init__(self, blueprint: Any) -> None:
        from flask import Flask  # which the component has brought, or it could have no blueprint

        self._app = Flask("infergraph")
        self._app.register_blueprint(blueprint)

    def answer(self, error: BaseException) -> Answer | None:
        """What a handler answers to an exception of the component's; None when there is none for it."""
        if not isinstance(error, Exception):
            return None
        with self._app.test_request_context():
            try:
                response = self._app.make_response(self._app.handle_user_exception(error))
            except Exception as raised:
                if raised is not error:
                    log.exception("error_handler_failed")
                return None
            content_type = (b"content-type", response.content_type.encode("latin-1"))
            return Answer(response.status_code, response.get_data(), (content_type,))


def error_handlers_of(target: object) -> ErrorHandlers | None:
    """The handlers that a class declares, if it does."""
    blueprint = getattr(target, NAME, None)
    return None if blueprint is None else ErrorHandlers(blueprint)
