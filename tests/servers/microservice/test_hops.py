"""The way from the socket to the class: at most four frames of ours, as through a graph."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import grpc

from tests.servers.microservice.test_grpc import message, stub
from tests.servers.test_hops import COMPONENT, ours
from tests.serving import microservice

ROWS = {"data": {"ndarray": [[1]]}}


def in_event_loop(ask: Callable[[], Any]) -> list[str]:
    """The frames of a call that runs in the event loop, down to what started that.

    Those before it run in a thread, until they have turned out to be short.
    """
    for _ in count():
        frames = ours(list(ask()))
        if any(frame.startswith("/servers/") for frame in frames):
            return [frame for frame in frames if not frame.startswith(("/cli/", "/__main__"))]
    raise AssertionError


def test_at_most_four_frames_of_ours(tmp_path: Path) -> None:
    (tmp_path / "tracing.py").write_text(COMPONENT)
    with microservice(tmp_path, "tracing:Tracing") as served, grpc.insecure_channel(served.grpc) as channel:
        rest = in_event_loop(lambda: served.request("POST", "/predict", ROWS).json["data"]["ndarray"])
        over_grpc = in_event_loop(lambda: stub(channel, "Model").Predict(message(ROWS)).data.ndarray)
    called = ["/components/operation.py:run", "/graph/lane.py:step"]
    assert rest == [*called, "/servers/microservice/inference.py:__call__", "/servers/paths.py:__call__"]
    assert over_grpc == [*called, "/servers/microservice/grpc_services.py:ask", "/servers/grpc_calls.py:handle"]
