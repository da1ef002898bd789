"""A real socket, with the standard library as the client."""

import asyncio
import urllib.error
import urllib.request

import pytest

from infergraph.kubernetes.health_server import HealthServer
from infergraph.telemetry import Registry
from infergraph.telemetry.catalog import LEADER


class Told:
    ill = ""
    not_ready = "not yet"


def fetched(port: int, path: str, accept: str = "") -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def asked(told: Told, *paths: str, accept: str = "") -> list[tuple[int, str]]:
    async def main() -> list[tuple[int, str]]:
        registry = Registry()
        registry.gauge(LEADER).value = 1
        server = HealthServer(
            registry, is_ill=lambda: told.ill, is_not_ready=lambda: told.not_ready, host="127.0.0.1", port=0
        )
        await server.start()
        try:
            return [await asyncio.to_thread(fetched, server.port, path, accept) for path in paths]
        finally:
            await server.stop()

    return asyncio.run(main())


@pytest.mark.parametrize("path", ["/healthz", "/live"])
def test_health(path: str) -> None:
    told = Told()
    assert asked(told, path) == [(200, "ok\n")]
    told.ill = "it is late"
    assert asked(told, path) == [(503, "it is late\n")]


@pytest.mark.parametrize("path", ["/readyz", "/ready"])
def test_readiness(path: str) -> None:
    told = Told()
    assert asked(told, path) == [(503, "not yet\n")]
    told.not_ready = ""
    assert asked(told, path) == [(200, "ok\n")]


def test_metrics() -> None:
    ((status, text),) = asked(Told(), "/metrics")
    assert status == 200
    assert "infergraph_operator_leader 1.0" in text
    ((_, text),) = asked(Told(), "/metrics", accept="application/openmetrics-text")
    assert text.rstrip().endswith("# EOF")


def test_other_paths() -> None:
    ((status, _),) = asked(Told(), "/")
    assert status == 404
