"""HTTP of the client, with each call counted as the verb that Kubernetes calls it."""

from collections.abc import Callable
from typing import Final

import httpx2

Called = Callable[[str, int], None]
"""Is told the verb and the status of each call; 0 where there was no answer."""

_VERBS: Final = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class CountingTransport(httpx2.AsyncBaseTransport):
    """Another transport's calls, counted."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, called: Called) -> None:
        self._inner, self._called = inner, called

    def __deepcopy__(self, _: object) -> "CountingTransport":
        return self  # the client copies its parameters, and connections cannot be copied

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        verb = verb_of(request.method, request.url.path, is_watch="watch" in request.url.params)
        code = 0
        try:
            response = await self._inner.handle_async_request(request)
            code = response.status_code
        finally:
            self._called(verb, code)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def verb_of(method: str, path: str, *, is_watch: bool) -> str:
    """The verb of Kubernetes for a request, as RBAC names it."""
    if method != "GET":
        return _VERBS.get(method, method.lower())
    if is_watch:
        return "watch"
    parts = path.strip("/").split("/")
    parts = parts[2:] if parts[0] == "api" else parts[3:]
    if parts[:1] == ["namespaces"] and len(parts) > 2:
        parts = parts[2:]
    return "list" if len(parts) == 1 else "get"
