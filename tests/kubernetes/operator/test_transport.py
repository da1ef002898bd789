import asyncio
import copy

import httpx2
import pytest

from infergraph.kubernetes.operator.transport import CountingTransport, verb_of


@pytest.mark.parametrize(
    ("method", "path", "is_watch", "verb"),
    [
        ("GET", "/api/v1/namespaces", False, "list"),
        ("GET", "/api/v1/namespaces/models", False, "get"),
        ("GET", "/api/v1/services", False, "list"),
        ("GET", "/api/v1/services", True, "watch"),
        ("GET", "/api/v1/namespaces/models/services", False, "list"),
        ("GET", "/api/v1/namespaces/models/services/iris", False, "get"),
        ("GET", "/apis/apps/v1/namespaces/models/deployments", False, "list"),
        ("GET", "/apis/apps/v1/namespaces/models/deployments/iris", False, "get"),
        ("GET", "/apis/apps/v1/namespaces/models/deployments/iris/status", False, "get"),
        ("POST", "/apis/apps/v1/namespaces/models/deployments", False, "create"),
        ("PUT", "/apis/apps/v1/namespaces/models/deployments/iris", False, "update"),
        ("PATCH", "/apis/apps/v1/namespaces/models/deployments/iris", False, "patch"),
        ("DELETE", "/apis/apps/v1/namespaces/models/deployments/iris", False, "delete"),
    ],
)
def test_requests_are_verbs_of_kubernetes(method: str, path: str, is_watch: bool, verb: str) -> None:
    assert verb_of(method, path, is_watch=is_watch) == verb


def calls(handler: httpx2.MockTransport) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []

    async def main() -> None:
        transport = copy.deepcopy(CountingTransport(handler, lambda verb, code: found.append((verb, code))))
        async with httpx2.AsyncClient(transport=transport, base_url="https://api") as client:
            await client.get("/api/v1/services?watch=true")

    try:
        asyncio.run(main())
    except httpx2.ConnectError:
        found.append(("raised", -1))
    return found


def test_each_answer_is_counted() -> None:
    assert calls(httpx2.MockTransport(lambda _: httpx2.Response(429))) == [("watch", 429)]


def test_no_answer_is_counted_too() -> None:
    def fail(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("nobody there")

    assert calls(httpx2.MockTransport(fail)) == [("watch", 0), ("raised", -1)]
