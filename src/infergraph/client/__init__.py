"""The Python client: asks a deployment for predictions over REST or gRPC, from threads or from an event loop.

Belongs here: what turns data of any kind into a request and an answer into a result, written once and without I/O, and
the thin shells that send. MUST NOT be here: anything of the server but the formats of messages.

Over REST it sends with urllib3 (threads) and aiohttp (event loop). On one connection to an Echo component, a small JSON
and a 600 kB tensor took 0.36 and 1.3 ms with urllib3, 0.28 and 1.3 with aiohttp; httpx2 0.50 and 1.9, async 0.83 and
2.6; niquests 0.74 and 2.2, async 0.88 and 2.3.
"""

from infergraph.client.async_client import AsyncClient
from infergraph.client.caller import Settings
from infergraph.client.client import Client
from infergraph.client.errors import (
    Answered,
    BadReply,
    Busy,
    ClientError,
    ConnectionFailed,
    ConnectionLost,
    ConnectTimeout,
    Refused,
    ServerFailed,
    Timeout,
    Unsendable,
)
from infergraph.client.exchange import Retries
from infergraph.client.kind import Kind, Protocol
from infergraph.client.request import AsyncTransport, Reply, Request, Timeouts, Transport
from infergraph.client.result import Result

__all__ = [
    "Answered",
    "AsyncClient",
    "AsyncTransport",
    "BadReply",
    "Busy",
    "Client",
    "ClientError",
    "ConnectTimeout",
    "ConnectionFailed",
    "ConnectionLost",
    "Kind",
    "Protocol",
    "Refused",
    "Reply",
    "Request",
    "Result",
    "Retries",
    "ServerFailed",
    "Settings",
    "Timeout",
    "Timeouts",
    "Transport",
    "Unsendable",
]
