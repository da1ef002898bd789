"""Everything that happened to the objects of one kind, in the order in which the API server says that it happened."""

import json
import ssl
import urllib.request
from typing import Any, NamedTuple

from tests.cluster.api_server import ApiServer


class Happened(NamedTuple):
    """One change: ``ADDED``, ``MODIFIED`` or ``DELETED``, and the object as it was then."""

    what: str
    data: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.data["metadata"]["name"])


class History:
    """What happens from its beginning on; ``read`` gives what happened up to now."""

    def __init__(self, api: ApiServer, path: str) -> None:
        self._api, self._path = api, path
        self._since = api.call("GET", path).data["metadata"]["resourceVersion"]

    def read(self) -> list[Happened]:
        """The API server keeps what happened in the last minutes, and tells it again."""
        query = f"?watch=true&resourceVersion={self._since}&timeoutSeconds=1"
        headers = {"Authorization": "Bearer administrator"}
        request = urllib.request.Request(f"{self._api.url}{self._path}{query}", headers=headers)
        context = ssl._create_unverified_context()  # its own certificate, on loopback
        with urllib.request.urlopen(request, context=context, timeout=30) as stream:
            events = [json.loads(line) for line in stream]
        return [Happened(one["type"], one["object"]) for one in events]
