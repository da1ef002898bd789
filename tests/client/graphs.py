"""Deployments to ask, and both clients behind the same methods."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from infergraph.client import AsyncClient, Client
from tests.local.manifests import predictor, write
from tests.serving import Process, running

COMPONENTS = '''

class Same:
    """A transformer: its columns keep their names."""

    def transform_input(self, X, names):
        return X


class Saying:
    """Answers what its input says: a kind of data, or an error."""

    def predict(self, X, names):
        what = X if isinstance(X, str) else X.ravel()[0] if X.size else None
        return {
            "text": "said", "bytes": bytes([0, 255]), "json": {"a": [1, None]}, "mixed": [["cat", 0.5, None]],
            "nan": [[1.5, float("nan")]], "wide": [[2**60 + 1]], "named": {"p": X, "q": X},
        }[what]


class Branch:
    def route(self, X, names):
        return int(X.ravel()[0])


class Noted:
    def __init__(self, name):
        self.name = name

    def predict(self, X, names):
        return X

    def send_feedback(self, X, names, reward, truth):
        with open(os.path.join(HERE, "feedback"), "a") as notes:
            notes.write(f"{self.name} {reward} {X.tolist()} {None if truth is None else truth.tolist()}\\n")
        return []


class Refusing:
    def predict(self, X, names):
        error = RuntimeError("no such animal")
        error.status_code, error.reason = 422, "NO_ANIMAL"
        raise error


class Failing:
    def predict(self, X, names):
        raise ValueError("the model broke")
'''


def unit(name: str, component: str, kind: str = "MODEL", **fields: Any) -> dict[str, Any]:
    parameters = [{"name": "python_class", "type": "STRING", "value": f"components:{component}"}]
    return {"name": name, "type": kind, "parameters": parameters + fields.pop("parameters", []), **fields}


def manifest(folder: Path, graph: dict[str, Any], **fields: Any) -> Path:
    """The manifest of one graph, with all components beside it."""
    whole = predictor("default", "Echo")
    names = [graph["name"], *(child["name"] for child in graph.get("children", []))]
    whole["componentSpecs"] = [{"spec": {"containers": [{"name": name, "image": "img:1.0"} for name in names]}}]
    path = write(folder, {**whole, "graph": graph}, **fields)
    with (folder / "components.py").open("a") as file:
        file.write(COMPONENTS)
    return path


@contextmanager
def serving(folder: Path, component: str, kind: str = "MODEL", *arguments: str) -> Iterator[Process]:
    """A process that serves one component."""
    with running(manifest(folder, unit("model", component, kind)), *arguments) as process:
        yield process


def branches(folder: Path) -> Path:
    """A router to two models that note their feedback."""
    names = [{"name": "name", "type": "STRING", "value": name} for name in ("left", "right")]
    children = [unit(name["value"], "Noted", parameters=[name]) for name in names]
    return manifest(folder, unit("router", "Branch", "ROUTER", children=children))


class Awaited:
    """An AsyncClient whose methods are awaited one by one, so that one test asks both clients."""

    def __init__(self, url: str, **settings: Any) -> None:
        self._runner = asyncio.Runner()
        self._client = AsyncClient(url, **settings)

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **named: self._runner.run(getattr(self._client, name)(*args, **named))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._runner.close()


CLIENTS: dict[str, Any] = {"sync": Client, "async": Awaited}


def url_of(process: Process, scheme: str) -> str:
    return f"grpc://{process.grpc}" if scheme == "grpc" else f"http://127.0.0.1:{process.port}"
