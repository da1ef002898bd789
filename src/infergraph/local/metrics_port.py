"""The port that has a microservice's metrics alone, as the v1 operator declares it."""

import socket

import structlog

from infergraph.errors import SetupError
from infergraph.local.plan import Plan
from infergraph.servers.http_server import bind

log = structlog.get_logger("infergraph.run")


def bound_for_metrics(plan: Plan) -> socket.socket | None:
    """A socket on which nobody listens yet; None when there is to be none.

    A port that nobody chose gives way to a free one: a second microservice on the same machine must not fail for it.

    :raises SetupError: when the port is taken, and was asked for.
    """
    unit = plan.unit
    if unit is None or unit.metrics_port is None:
        return None
    try:
        return bind(plan.host, unit.metrics_port, "--metrics-port", is_listening=False)
    except SetupError as error:
        if unit.is_metrics_port_chosen:
            raise
        log.warning("metrics_port_taken", port=unit.metrics_port, error=str(error))
        return bind(plan.host, 0, "--metrics-port", is_listening=False)
