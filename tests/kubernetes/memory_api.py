"""An API server of a few objects in memory, with versions as a real one has: for what takes months, or hardly happens.

What a real one does is tested in tests/cluster.
"""

import asyncio
import copy
from collections.abc import Callable
from typing import Any

from tests.kubernetes.api_errors import refusal


class MemoryApi:
    """``objects`` by kind and name. ``before`` is called ahead of each call: it may raise, or change something.

    Who calls while ``hangs`` is true never gets an answer.
    """

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        self.calls: list[tuple[str, str]] = []
        self.before: Callable[[str], None] = lambda _: None
        self.hangs = False
        self._version = 0

    async def get(self, res: Any, name: str, **_: Any) -> Any:
        await self._called("get", name)
        return copy.deepcopy(self._there(res.__name__, name))

    async def create(self, obj: Any, **_: Any) -> Any:
        name = obj["metadata"]["name"]
        await self._called("create", name)
        if (obj["kind"], name) in self.objects:
            raise refusal(409, f"{name} already exists")
        return self._put(obj)

    async def replace(self, obj: Any, **_: Any) -> Any:
        name = obj["metadata"]["name"]
        await self._called("replace", name)
        version = self._there(obj["kind"], name)["metadata"]["resourceVersion"]
        if obj["metadata"]["resourceVersion"] != version:
            raise refusal(409, "the object has been modified")
        return self._put(obj)

    async def patch(self, res: Any, name: str, obj: Any, **_: Any) -> Any:
        """The bundles of webhooks, and nothing else."""
        await self._called("patch", name)
        whole = copy.deepcopy(self._there(res.__name__, name))
        for hook, change in zip(whole["webhooks"], obj["webhooks"], strict=True):
            assert hook["name"] == change["name"]
            hook["clientConfig"] |= change["clientConfig"]
        return self._put(whole)

    def put(self, one: dict[str, Any]) -> None:
        """As somebody else does."""
        self._put(one)

    async def _called(self, verb: str, name: str) -> None:
        self.calls.append((verb, name))
        await asyncio.sleep(0)
        if self.hangs:
            await asyncio.Event().wait()
        self.before(verb)

    def _there(self, kind: str, name: str) -> dict[str, Any]:
        if (kind, name) not in self.objects:
            raise refusal(404, f"{name} not found")
        return self.objects[kind, name]

    def _put(self, one: Any) -> dict[str, Any]:
        self._version += 1
        kept = copy.deepcopy(dict(one))
        kept["metadata"]["resourceVersion"] = str(self._version)
        self.objects[one["kind"], one["metadata"]["name"]] = kept
        return copy.deepcopy(kept)
