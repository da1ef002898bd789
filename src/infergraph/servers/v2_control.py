"""The v2 protocol beside inference: the server, its models, their readiness and statistics."""

from collections.abc import Sequence
from typing import Any

from infergraph import __version__
from infergraph.errors import BadMessage
from infergraph.payloads import json_text
from infergraph.servers.answers import Answer, Form
from infergraph.servers.body import read_body
from infergraph.servers.headers import ResponseHeaders
from infergraph.servers.models import Models
from infergraph.servers.route import READ, Endpoint, Request, Route
from infergraph.servers.served import Served

EXTENSIONS = ["binary_tensor_data", "model_repository_index", "statistics"]
_NEVER = {"count": 0, "ns": 0}


def v2_server_routes(
    prefix: str, served: Sequence[Served], models: Sequence[Models], headers: ResponseHeaders
) -> dict[str, Route]:
    """The paths of the server as a whole, or of one deployment under its prefix as if it were one."""

    async def metadata(_: Request) -> Answer:
        return _json({"name": "infergraph", "version": __version__, "extensions": EXTENSIONS})

    async def live(_: Request) -> Answer:
        return _json({"live": True})

    async def ready(_: Request) -> Answer:
        is_ready = all(one.is_ready for one in served)
        return _json({"live": True, "ready": is_ready}, 200 if is_ready else 503)

    return {
        f"{prefix}/v2": Route(READ, metadata, headers, Form.ERROR),
        f"{prefix}/v2/": Route(READ, metadata, headers, Form.ERROR),
        f"{prefix}/v2/health/live": Route(READ, live, headers, Form.ERROR),
        f"{prefix}/v2/health/ready": Route(READ, ready, headers, Form.ERROR),
        f"{prefix}/v2/repository/index": Route(("POST",), _index(served, models), headers, Form.ERROR),
    }


def v2_model_routes(prefix: str, served: Served, models: Models, headers: ResponseHeaders) -> dict[str, Route]:
    """The paths of each model of a deployment."""
    endpoints: dict[str, Endpoint] = {"/v2/models/stats": _statistics(served, models, models.names)}
    for name in models.names:
        path = f"/v2/models/{name}"
        endpoints[path] = _metadata(models, name)
        endpoints[f"{path}/ready"] = _ready(served, models, name)
        endpoints[f"{path}/stats"] = _statistics(served, models, (name,))
    return {prefix + path: Route(READ, endpoint, headers, Form.ERROR) for path, endpoint in endpoints.items()}


def _metadata(models: Models, name: str) -> Endpoint:
    async def metadata(request: Request) -> Answer:
        return _json(models.metadata(name, request.version))

    return metadata


def _ready(served: Served, models: Models, name: str) -> Endpoint:
    async def ready(request: Request) -> Answer:
        if served.is_ready:
            models.model(name, request.version)
        return _json({"name": name, "ready": served.is_ready}, 200 if served.is_ready else 503)

    return ready


def _statistics(served: Served, models: Models, names: Sequence[str]) -> Endpoint:
    async def statistics(request: Request) -> Answer:
        return _json({"model_stats": [_counts(served, name, models.model(name, request.version)) for name in names]})

    return statistics


def _counts(served: Served, name: str, model: Any) -> dict[str, Any]:
    """Triton's statistics extension; a count of 0 is that of a figure which is not taken here.

    A request counts as one inference, whatever the number of its rows.
    """
    counts = served.statistics
    success = {"count": counts.success_count, "ns": counts.success_ns}
    times = dict.fromkeys(("queue", "compute_input", "compute_output", "cache_hit", "cache_miss"), _NEVER)
    return {
        "name": name,
        "version": model.version,
        "last_inference": counts.last_inference_ms,
        "inference_count": counts.success_count,
        "execution_count": counts.success_count,
        "inference_stats": {
            "success": success,
            "fail": {"count": counts.fail_count, "ns": counts.fail_ns},
            "compute_infer": success,
            **times,
        },
        "batch_stats": [],
    }


def _index(served: Sequence[Served], models: Sequence[Models]) -> Endpoint:
    async def index(request: Request) -> Answer:
        body = await read_body(request.headers, request.receive, served[0].limits)
        wanted = json_text.decode(body, served[0].limits.json_depth) if body else {}
        if not isinstance(wanted, dict):
            raise BadMessage(f'Expected an object such as {{"ready": true}}, got {body[:40].decode("latin-1")!r}')
        listed = [
            entry
            for one, its in zip(served, models, strict=True)
            if one.is_ready or not wanted.get("ready")
            for entry in _entries(one, its)
        ]
        return _json(listed)

    return index


def _entries(served: Served, models: Models) -> list[dict[str, str]]:
    if not served.is_ready:
        why = "models are loading, or the server goes down"
        return [{"name": name, "state": "UNAVAILABLE", "reason": why} for name in models.names]
    return [
        {"name": name, "version": models.model(name).version, "state": "READY", "reason": ""} for name in models.names
    ]


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json_text.encode(value))
