"""A real `infergraph operator` in a process of its own, against a real API server."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.api_server import ApiServer
from tests.serving import Process, ended

ADMINISTRATOR = "administrator"


def kubeconfig(folder: Path, url: str, token: str = ADMINISTRATOR, name: str = "kubeconfig") -> Path:
    """A file by which a client gets to the API server, as whoever has the token."""
    path = folder / name
    cluster = {"server": url, "insecure-skip-tls-verify": True}
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "test", "cluster": cluster}],
                "users": [{"name": "test", "user": {"token": token}}],
                "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
                "current-context": "test",
            }
        )
    )
    return path


@contextmanager
def operator(
    server: ApiServer,
    folder: Path,
    *arguments: str | Path,
    url: str = "",
    token: str = ADMINISTRATOR,
    env: Mapping[str, str] | None = None,
    is_working: bool = True,
) -> Iterator[Process]:
    """`infergraph operator ARGUMENTS`, ended with the block whatever happens.

    ``url`` is where it finds the API server, where that is not the server itself. With ``is_working`` the block begins
    when the operator knows all that there is. Its log events are in ``events``; ``stop`` ends it with SIGTERM.
    """
    path = kubeconfig(folder, url or server.url, token)
    process = Process(("--kubeconfig", str(path), *map(str, arguments)), env or {}, command="operator")
    with ended(process):
        if is_working:
            process.wait_for("working")
        yield process
