"""What the connections of one server share."""

import asyncio
from collections.abc import Callable
from email.utils import formatdate
from typing import TYPE_CHECKING

from infergraph.servers.limits import Limits
from infergraph.servers.request import Answering

if TYPE_CHECKING:
    from infergraph.servers.connection import Connection


class ServerState:
    """The application and its limits, who is connected, and which requests run.

    ``count_refusal`` is told the reason when a request ends before it reaches the application.
    """

    __slots__ = (
        "application",
        "connections",
        "count_refusal",
        "date_line",
        "limits",
        "tasks",
        "total_connections",
        "total_requests",
    )

    def __init__(self, application: Answering, limits: Limits, count_refusal: Callable[[str], None]) -> None:
        self.count_refusal = count_refusal
        self.application = application
        self.limits = limits
        self.connections: set[Connection] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.total_connections = self.total_requests = 0
        self.tell_time()

    def tell_time(self) -> None:
        """Renew what every answer says about the time; a server does it once a second."""
        self.date_line = b"date: %b\r\n" % formatdate(usegmt=True).encode()
